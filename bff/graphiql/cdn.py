"""GraphiQL from a CDN: what the page loads when GraphiQL was not built, as in a clone without Node.

The browser takes these files only if they are byte for byte the ones published, by their hashes (W3C SRI). The CDN
serves the packages' files verbatim, so each hash is that of the file in `npm pack NAME@VERSION`:
`openssl dgst -sha384 -binary FILE | base64 -w0`. GraphiQL 3 is the last line that is published ready-made.
"""

from __future__ import annotations

import base64
import hashlib
from typing import NamedTuple


class Pinned(NamedTuple):
    url: str
    integrity: str


STYLE = Pinned(
    "https://unpkg.com/graphiql@3.8.3/graphiql.min.css",
    "sha384-Mq3vbRBY71jfjQAt/DcjxUIYY33ksal4cgdRt9U/hNPvHBCaT2JfJ/PTRiPKf0aM",
)
SCRIPTS = (
    Pinned(
        "https://unpkg.com/react@18.3.1/umd/react.production.min.js",
        "sha384-DGyLxAyjq0f9SPpVevD6IgztCFlnMF6oW/XQGmfe+IsZ8TqEiDrcHkMLKI6fiB/Z",
    ),
    Pinned(
        "https://unpkg.com/react-dom@18.3.1/umd/react-dom.production.min.js",
        "sha384-gTGxhz21lVGYNMcdJOyq01Edg0jhn/c22nsx0kyqP0TxaV5WVdsSH1fSDUf5YJj1",
    ),
    Pinned(
        "https://unpkg.com/graphiql@3.8.3/graphiql.min.js",
        "sha384-HbRVEFG0JGJZeAHCJ9Xm2+tpknBQ7QZmNlO/DgZtkZ0aJSypT96YYGRNod99l9Ie",
    ),
)

# storage null: this version's history would keep typed headers in localStorage, and with them keys.
# No default headers: this version's headers editor takes no comments, which ours may hold.
# What is missing is said below the result, where a person looks for it.
START = """
const root = document.getElementById("graphiql");
const url = new URL(root.dataset.endpoint, document.baseURI).href;
ReactDOM.createRoot(root).render(
  React.createElement(
    GraphiQL,
    {
      fetcher: GraphiQL.createFetcher({ url }),
      defaultQuery: root.dataset.query,
      storage: null,
      shouldPersistHeaders: false,
    },
    React.createElement(
      GraphiQL.Footer,
      null,
      React.createElement(
        "p",
        { style: { margin: 0, padding: "8px 16px", fontSize: "13px" } },
        "GraphiQL 3 from a CDN, without the Plan panel, explorer and what is kept between visits. ",
        "They come with GraphiQL 5, which `make graphiql` builds.",
      ),
    ),
  ),
);
"""

START_HASH = "sha256-" + base64.b64encode(hashlib.sha256(START.encode()).digest()).decode()

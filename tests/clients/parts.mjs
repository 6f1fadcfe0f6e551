// What clients ask for in parts, and what all parts together are.
export const DEFER = "query Defer { user(id: 1) { id name ... @defer { posts { id name } } } }";
export const POSTS = ["post 10", "post 11"];

export const SHARED = "query Shared { user(id: 1) { id friends { id } ... @defer { name friends { name } } } }";
export const FRIENDS = [{ id: "2", name: "user 2" }, { id: "3", name: "user 3" }];

export const NESTED = `query Nested {
  users(ids: [1, 2]) { id ... @defer { friends { id ... @defer { posts { id name } } } } }
}`;

export const STREAM = "query Stream { posts(limit: 5) @stream(initialCount: 2) { id name author { id name } } }";

export const BOTH = "query Both { user(id: 1) { id ... @defer { posts @stream(initialCount: 1) { id name } } } }";

export const LOST = "query Lost { user(id: 1) { id name ... @defer { boom } } }";

"""Calls on the trips service: writes, and rows that are private to the user in the caller's token.

The token reaches the service because `bff.yaml` forwards the header `authorization` to it, and to no other.
"""

from bff import Offset, poll, upstream

trips = upstream("trips")

mine = trips.get("/trips{?limit,offset}", rows="items", paging=Offset(total="total"))
by_id = trips.get("/trips/{id}")
changes = poll(by_id, every=5)  # and at once after a write through this gateway
written = trips.events("/trips/events", only=("created", "changed"))

# What the service refuses is data for whoever filled in the form: each status is a type of the field's union.
create = trips.post("/trips", body="input", typename="Trip", errors={422: "TripInvalid"})
update = trips.patch(
    "/trips/{id}",
    body="input",
    typename="Trip",
    errors={404: "TripNotFound", 409: "TripConflict", 422: "TripInvalid"},
)
delete = trips.delete("/trips/{id}", errors={404: "TripNotFound"})

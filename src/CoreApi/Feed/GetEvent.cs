using Platform.Contracts.Identifiers;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Feed;
using Platform.ServiceDefaults.Problems;
using Platform.ServiceDefaults.Requests;

namespace Platform.CoreApi.Feed;

/// <summary><c>GET /v1/events/{id}</c>: one event, as long as it is kept. It never changes, so its position is its version.</summary>
internal static class GetEvent
{
    public static async Task<IResult> HandleAsync(string id, HttpContext http, CoreDatabase database)
    {
        if (!TypeId.TryParse(IdPrefix.Event, id, out var key))
        {
            return KnownProblems.NotFound("event");
        }

        var (fields, invalid) = FieldSelection.Read(http, FeedEvent.FieldNames);
        if (invalid is not null)
        {
            return invalid;
        }

        var found = await FeedRows.FindAsync(database, http.Principal().TenantId, key, http.RequestAborted);
        if (found is null)
        {
            return KnownProblems.NotFound("event");
        }

        var tag = ETag.Of(found.Position);
        return ETag.NoneMatchHolds(http, found.Position)
            ? new JsonAnswer(StatusCodes.Status304NotModified, ReadOnlyMemory<byte>.Empty) { EntityTag = tag }
            : JsonAnswer.Ok(FieldSelection.Write(found.WriteTo, fields)) with { EntityTag = tag };
    }
}

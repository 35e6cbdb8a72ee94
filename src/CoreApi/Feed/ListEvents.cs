using System.Globalization;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Feed;
using Platform.ServiceDefaults.Problems;
using Platform.ServiceDefaults.Requests;

namespace Platform.CoreApi.Feed;

/// <summary>
/// <c>GET /v1/events?type=&amp;subject=&amp;label=k:v&amp;after=&amp;fields=&amp;limit=&amp;cursor=</c>, by position, the newest last. A page of a filter that little fits can have
/// fewer events than asked for, or none, and still say that there is more: a request looks at so many events and no more.
/// </summary>
internal static class ListEvents
{
    private const string ListName = "events";
    private const int MaxPages = 10;

    public static async Task<IResult> HandleAsync(HttpContext http, CoreDatabase database)
    {
        var errors = new List<InputError>();
        var filter = FilterInput.FromQuery(http, errors);
        var given = FilterInput.After(http, errors);
        var (fields, badFields) = FieldSelection.Read(http, FeedEvent.FieldNames);
        var (page, badPage) = Page.Read(http, ListName, parts: 1);
        var after = given ?? 0;
        if (page.After is { } cursor && !FilterInput.TryPosition(cursor[0], out after))
        {
            badPage = KnownProblems.InvalidCursor();
        }

        errors.AddRange([.. badFields?.Errors ?? [], .. badPage?.Errors ?? []]);
        if (errors.Count > 0)
        {
            return KnownProblems.Validation(errors);
        }

        var (found, scanned, problem) = await ReadAsync(database, http.Principal().TenantId, filter, after, page.Limit, http.RequestAborted);
        return problem is not null ? problem : List(found, scanned, page.Limit, fields);
    }

    private static async Task<(List<FeedEvent> Found, long? More, Problem? Problem)> ReadAsync(
        CoreDatabase database, Guid tenant, EventFilter filter, long after, int limit, CancellationToken cancellationToken)
    {
        var found = new List<FeedEvent>(limit);
        for (var pages = 0; ; pages++)
        {
            var wanted = limit - found.Count;
            var page = await FeedRows.ReadAsync(database, tenant, filter, after, wanted, cancellationToken);
            if (after > page.Ends.Head)
            {
                return (found, null, KnownProblems.Validation("after", "beyond_head", $"'after' is {after}, but the last position is {page.Ends.Head}."));
            }

            if (after > 0 && page.Ends.Floor > after)
            {
                return (found, null, Expired(page.Ends.Floor));
            }

            found.AddRange(page.Events);
            after = page.Scanned;
            if (after >= page.Ends.Head)
            {
                return (found, null, null);
            }

            if (found.Count == limit || pages == MaxPages)
            {
                return (found, after, null);
            }
        }
    }

    /// <summary>The cursor is what was looked at, which can be further than the last event that fitted.</summary>
    private static JsonAnswer List(List<FeedEvent> found, long? more, int limit, IReadOnlySet<string>? fields)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>(4096);
        using (var json = new System.Text.Json.Utf8JsonWriter(buffer, new() { SkipValidation = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteStartArray("data");
            foreach (var item in found.Take(limit))
            {
                item.WriteTo(json, fields);
            }

            json.WriteEndArray();
            json.WriteString("next_cursor", more is { } position ? Page.Encode(ListName, position.ToString(CultureInfo.InvariantCulture)) : null);
            json.WriteBoolean("has_more", more is not null);
            json.WriteEndObject();
        }

        return JsonAnswer.Ok(buffer.WrittenSpan.ToArray());
    }

    public static Problem Expired(long floor) =>
        new(StatusCodes.Status410Gone, "events_expired", "Events are no longer kept",
            $"The events up to position {floor} are no longer kept. Go on with after={floor}; what was missed is read from the resources themselves.");
}

using Npgsql;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Idempotency;
using Platform.ServiceDefaults.Problems;
using Platform.ServiceDefaults.Requests;

namespace Platform.Notifications.Replays;

/// <summary><c>GET /v1/webhook-replays/{id}</c>, and the list, the latest first.</summary>
internal static class GetReplay
{
    private const string ListName = "webhook-replays";

    public static async Task<IResult> HandleAsync(string id, HttpContext http, NotificationsDatabase database) =>
        Replay.TryId(id, out var key) && await ReplayRows.FindAsync(database, http.Principal().TenantId, key, http.RequestAborted) is { } replay
            ? replay.Answer(StatusCodes.Status200OK) with { Location = null }
            : Replay.NotFound();

    public static async Task<IResult> ListAsync(HttpContext http, NotificationsDatabase database)
    {
        var (page, invalid) = Page.Read(http, ListName, parts: 1);
        var before = Guid.AllBitsSet;
        if (page.After is { } after && !Replay.TryId(after[0], out before))
        {
            invalid = KnownProblems.InvalidCursor();
        }

        if (invalid is not null)
        {
            return invalid;
        }

        var tenant = http.Principal().TenantId;
        var found = await TenantRead.ListAsync(database, tenant,
            new($"SELECT {ReplayRows.Columns} FROM notifications.replay WHERE tenant_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3")
            {
                Parameters =
                {
                    new NpgsqlParameter<Guid> { TypedValue = tenant }, new NpgsqlParameter<Guid> { TypedValue = before }, new NpgsqlParameter<int> { TypedValue = page.Limit + 1 },
                },
            }, ReplayRows.Read, http.RequestAborted);
        return FieldSelection.List(found, page.Limit, (r, json) => r.WriteTo(json), r => Page.Encode(ListName, r.PublicId));
    }
}

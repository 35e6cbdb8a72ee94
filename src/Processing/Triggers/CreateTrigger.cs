using Platform.Contracts.Identifiers;
using Platform.Processing.Types;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Idempotency;
using Platform.ServiceDefaults.Requests;

namespace Platform.Processing.Triggers;

/// <summary><c>POST /v1/triggers {event_type, labels?, job, paused?}</c>: 201 and <c>Location</c>.</summary>
internal static class CreateTrigger
{
    public static async Task<IResult> HandleAsync(HttpContext http, ProcessingDatabase database, JobTypes types, TimeProvider clock)
    {
        var (body, unreadable) = await JsonBody.ReadAsync(http);
        if (body is null)
        {
            return unreadable!;
        }

        using (body)
        {
            var settings = TriggerInput.Read(body.Fields, types, http.Principal());
            if (body.Fields.Problem is { } invalid)
            {
                return invalid;
            }

            var (write, badKey) = WriteRequest.Of(http, body.Root);
            if (badKey is not null)
            {
                return badKey;
            }

            var now = Rfc3339.Now(clock);
            var trigger = new Trigger(TypeId.New(clock), settings!, http.Principal().KeyId, 1, now, now);
            var answer = JsonAnswer.Created("/v1/triggers/" + trigger.PublicId, trigger.ToJson()) with { EntityTag = ETag.Of(trigger.Version) };
            return await Writes.ExecuteAsync(
                database, write, answer, batch => batch.BatchCommands.Add(TriggerRows.Insert(write.Tenant, trigger)), http.RequestAborted);
        }
    }
}

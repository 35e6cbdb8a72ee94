using Platform.Contracts.Identifiers;
using Platform.Processing.Types;
using Platform.Processing.Versioned;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Requests;

namespace Platform.Processing.Triggers;

/// <summary>
/// <c>POST /v1/triggers {event_type, about?, labels?, job | workflow, paused?}</c>: 201 and <c>Location</c>. <c>PATCH</c>: a JSON merge patch (RFC 7396) of the
/// same. <c>DELETE</c>: 204; jobs and workflows that it started are left alone. Changes heed <c>If-Match</c>.
/// </summary>
internal static class ChangeTrigger
{
    public static Task<IResult> CreateAsync(HttpContext http, ProcessingDatabase database, JobTypes types, TimeProvider clock) =>
        VersionedWrites.CreateAsync(http, database, fields => TriggerInput.Read(fields, types, http.Principal()), settings =>
        {
            var now = Rfc3339.Now(clock);
            return new Trigger(TypeId.New(clock), settings, http.Principal().KeyId, 1, now, now);
        });

    public static Task<IResult> PatchAsync(string id, HttpContext http, ProcessingDatabase database, JobTypes types, TimeProvider clock) =>
        VersionedWrites.PatchAsync<Trigger, TriggerSettings>(
            id, http, database, TriggerInput.FieldNames, fields => TriggerInput.Read(fields, types, http.Principal()), (current, settings) =>
            {
                var now = Rfc3339.Now(clock);
                return current with
                {
                    Settings = settings, SubmittedBy = http.Principal().KeyId, Version = current.Version + 1, UpdatedAt = now > current.UpdatedAt ? now : current.UpdatedAt,
                };
            });

    public static Task<IResult> DeleteAsync(string id, HttpContext http, ProcessingDatabase database) => VersionedWrites.DeleteAsync<Trigger>(id, http, database);
}

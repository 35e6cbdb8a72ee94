using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.OpenApi;

namespace Platform.Processing.Schedules;

internal static class SchedulesEndpoints
{
    public static void MapSchedules(this IEndpointRouteBuilder app)
    {
        app.MapPost("/v1/schedules", ChangeSchedule.CreateAsync).RequireScope(Scopes.JobsWrite).Describe(() => SchedulesDescriptions.Create);
        app.MapGet("/v1/schedules", ReadSchedules.ListAsync).RequireScope(Scopes.JobsRead).Describe(() => SchedulesDescriptions.List);
        app.MapGet("/v1/schedules/{id}", ReadSchedules.GetAsync).RequireScope(Scopes.JobsRead).Describe(() => SchedulesDescriptions.Get);
        app.MapPatch("/v1/schedules/{id}", ChangeSchedule.PatchAsync).RequireScope(Scopes.JobsWrite).Describe(() => SchedulesDescriptions.Patch);
        app.MapDelete("/v1/schedules/{id}", ChangeSchedule.DeleteAsync).RequireScope(Scopes.JobsWrite).Describe(() => SchedulesDescriptions.Delete);
        app.MapPost("/v1/schedules/{id}:pause", ChangeSchedule.PauseAsync).RequireScope(Scopes.JobsWrite).Describe(() => SchedulesDescriptions.Pause);
        app.MapPost("/v1/schedules/{id}:resume", ChangeSchedule.ResumeAsync).RequireScope(Scopes.JobsWrite).Describe(() => SchedulesDescriptions.Resume);
        app.MapPost("/v1/schedules/{id}:run", RunSchedule.HandleAsync).RequireScope(Scopes.JobsWrite).Describe(() => SchedulesDescriptions.Run);
        app.MapGet("/v1/schedules/{id}/next", ReadSchedules.NextAsync).RequireScope(Scopes.JobsRead).Describe(() => SchedulesDescriptions.Next);
    }
}

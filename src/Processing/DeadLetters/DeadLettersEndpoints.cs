using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.OpenApi;

namespace Platform.Processing.DeadLetters;

internal static class DeadLettersEndpoints
{
    public static void MapDeadLetters(this IEndpointRouteBuilder app)
    {
        app.MapGet("/v1/dead-letters", ListDeadLetters.HandleAsync).RequireScope(Scopes.JobsRead).Describe(() => DeadLettersDescriptions.List);
        app.MapGet("/v1/dead-letters/{id}", GetDeadLetter.HandleAsync).RequireScope(Scopes.JobsRead).Describe(() => DeadLettersDescriptions.Get);
        app.MapPost("/v1/dead-letters/{id}:redrive", RedriveDeadLetter.HandleAsync).RequireScope(Scopes.JobsWrite).Describe(() => DeadLettersDescriptions.Redrive);
        app.MapPost("/v1/dead-letters:redrive", RedriveDeadLetters.HandleAsync).RequireScope(Scopes.JobsWrite).Describe(() => DeadLettersDescriptions.RedriveMany);
    }
}

using Platform.ServiceDefaults.Authentication;

namespace Platform.Processing.DeadLetters;

internal static class DeadLettersEndpoints
{
    public static void MapDeadLetters(this IEndpointRouteBuilder app)
    {
        app.MapGet("/v1/dead-letters", ListDeadLetters.HandleAsync).RequireScope(Scopes.JobsRead);
        app.MapGet("/v1/dead-letters/{id}", GetDeadLetter.HandleAsync).RequireScope(Scopes.JobsRead);
        app.MapPost("/v1/dead-letters/{id}:redrive", RedriveDeadLetter.HandleAsync).RequireScope(Scopes.JobsWrite);
        app.MapPost("/v1/dead-letters:redrive", RedriveDeadLetters.HandleAsync).RequireScope(Scopes.JobsWrite);
    }
}

using Microsoft.AspNetCore.Builder;

namespace Platform.ServiceDefaults.Authentication;

/// <summary>The scope that an endpoint asks for; null for an endpoint that is open to everybody.</summary>
public sealed record EndpointAccess(string? Scope);

/// <summary>Says in the route table who may call an endpoint. One that says nothing is refused at start.</summary>
public static class EndpointAccessExtensions
{
    /// <summary>Only principals with this scope.</summary>
    public static TBuilder RequireScope<TBuilder>(this TBuilder builder, string scope)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new EndpointAccess(scope));

    /// <summary>Everybody, without a key.</summary>
    public static TBuilder AllowEverybody<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new EndpointAccess(Scope: null));
}

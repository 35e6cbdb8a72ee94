using Microsoft.AspNetCore.Builder;

namespace Platform.ServiceDefaults.OpenApi;

/// <summary>How a route is found in <c>/openapi/v1.json</c>. What it returns is asked for when the document is, not when the route is mapped.</summary>
internal sealed record OperationDescription(Func<Operation> Describe);

/// <summary>The route is not of the HTTP API, and why.</summary>
internal sealed record NoDescription(string Reason);

/// <summary>Describes routes in their tables. A route that is neither described nor left out with a reason fails a test.</summary>
public static class DescribeExtensions
{
    /// <param name="describe">A lambda, so that a start does not build what only the document needs: <c>() => ResourcesDescriptions.Create</c>.</param>
    public static TBuilder Describe<TBuilder>(this TBuilder builder, Func<Operation> describe)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new OperationDescription(describe));

    /// <summary>Leaves a route out of the document.</summary>
    /// <param name="reason">Where it is described instead.</param>
    public static TBuilder Undescribed<TBuilder>(this TBuilder builder, string reason)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new NoDescription(reason));
}

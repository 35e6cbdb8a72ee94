using System.Data.Common;
using Platform.ServiceDefaults.Hosting;

namespace Platform.CoreApi.Files.Objects.S3;

/// <summary>What <c>ConnectionStrings__s3</c> says: <c>Bucket=files;Endpoint=https://...;AccessKey=...;SecretKey=...</c>.</summary>
/// <param name="Bucket">The bucket, which exists.</param>
/// <param name="Endpoint">Where the store is; null for AWS itself.</param>
/// <param name="Region">For signatures; <c>us-east-1</c> by default.</param>
/// <param name="AccessKey">Null: the credentials of the environment (variables, profile, role).</param>
/// <param name="SecretKey">With <paramref name="AccessKey"/>.</param>
/// <param name="PathStyle">The bucket in the path instead of the host's name; by default where there is an endpoint.</param>
/// <param name="Prefix">Before every key.</param>
/// <param name="PublicEndpoint">Where clients reach the same store: links go there directly. Null: they cannot.</param>
internal sealed record S3Settings(
    string Bucket, Uri? Endpoint, string Region, string? AccessKey, string? SecretKey, bool PathStyle, string Prefix, Uri? PublicEndpoint)
{
    private static readonly HashSet<string> Known = new(
        ["bucket", "endpoint", "region", "accesskey", "secretkey", "pathstyle", "prefix", "publicendpoint"], StringComparer.OrdinalIgnoreCase);

    /// <exception cref="StartupException">It makes no sense; the message is one line and holds no secret.</exception>
    public static S3Settings Parse(string connectionString)
    {
        var given = new DbConnectionStringBuilder();
        try
        {
            given.ConnectionString = connectionString;
        }
        catch (ArgumentException e)
        {
            throw Bad("cannot be read: write Name=value;Name=value", e);
        }

        string? Text(string name) => given.TryGetValue(name, out var value) && value is string { Length: > 0 } text ? text : null;
        if (given.Keys.Cast<string>().FirstOrDefault(k => !Known.Contains(k)) is { } unknown)
        {
            throw Bad($"has no '{unknown}': it knows {string.Join(", ", Known)}");
        }

        if ((Text("accesskey") is null) != (Text("secretkey") is null))
        {
            throw Bad("needs both AccessKey and SecretKey, or neither");
        }

        var endpoint = Address("Endpoint", Text("endpoint"));
        var pathStyle = endpoint is not null;
        if (Text("pathstyle") is { } style && !bool.TryParse(style, out pathStyle))
        {
            throw Bad("has a PathStyle that is neither true nor false");
        }

        return new(
            Text("bucket") ?? throw Bad("needs a Bucket"), endpoint, Text("region") ?? "us-east-1", Text("accesskey"), Text("secretkey"),
            pathStyle, Text("prefix") ?? "", Address("PublicEndpoint", Text("publicendpoint")));
    }

    private static Uri? Address(string name, string? text) =>
        text is null ? null
        : Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" ? uri
        : throw Bad($"has no http or https address as its {name}");

    private static StartupException Bad(string what, Exception? inner = null) => new($"ConnectionStrings__s3 {what}.", inner);
}

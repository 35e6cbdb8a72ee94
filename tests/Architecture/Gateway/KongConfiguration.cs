using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace Platform.Architecture.Gateway;

/// <summary>
/// The part of Kong's declarative format that kong.yml uses. Reading is strict: a field that is not here (a typing error,
/// or a criterion such as <c>methods</c> that <see cref="KongRouter"/> does not weigh) fails the tests.
/// </summary>
internal sealed class KongConfiguration
{
    [YamlMember(Alias = "_format_version", ApplyNamingConventions = false)]
    public string FormatVersion { get; set; } = "";

    public List<KongService> Services { get; set; } = [];

    public List<KongRoute> Routes { get; set; } = [];

    public List<KongPlugin> Plugins { get; set; } = [];

    public IEnumerable<KongRoute> AllRoutes => Services.SelectMany(service => service.Routes).Concat(Routes);

    public IEnumerable<KongPlugin> AllPlugins => Plugins.Concat(AllRoutes.SelectMany(route => route.Plugins));

    public static KongConfiguration Read() => Parse(File.ReadAllText(Repository.PathOf("deploy", "kong", "kong.yml")));

    public static KongConfiguration Parse(string yaml)
    {
        var configuration = new DeserializerBuilder()
            .WithNamingConvention(UnderscoredNamingConvention.Instance)
            .WithDuplicateKeyChecking()
            .Build()
            .Deserialize<KongConfiguration>(yaml);

        foreach (var service in configuration.Services)
        {
            service.Routes.ForEach(route => route.Service = service);
        }

        return configuration;
    }
}

internal sealed class KongService
{
    public string Name { get; set; } = "";

    public Uri Url { get; set; } = new("about:blank");

    /// <summary>Milliseconds, with Kong's default.</summary>
    public int ReadTimeout { get; set; } = 60_000;

    /// <summary>Milliseconds, with Kong's default.</summary>
    public int WriteTimeout { get; set; } = 60_000;

    public List<KongRoute> Routes { get; set; } = [];
}

internal sealed class KongRoute
{
    public string Name { get; set; } = "";

    public List<string> Paths { get; set; } = [];

    public int RegexPriority { get; set; }

    // The next four start as Kong's own defaults.
    public bool StripPath { get; set; } = true;

    public bool PreserveHost { get; set; }

    public bool RequestBuffering { get; set; } = true;

    public bool ResponseBuffering { get; set; } = true;

    public List<KongPlugin> Plugins { get; set; } = [];

    [YamlIgnore]
    public KongService? Service { get; set; }
}

internal sealed class KongPlugin
{
    public string Name { get; set; } = "";

    public Dictionary<string, string> Config { get; set; } = [];
}

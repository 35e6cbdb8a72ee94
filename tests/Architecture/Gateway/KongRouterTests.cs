namespace Platform.Architecture.Gateway;

/// <summary>The rules of precedence themselves, so that the table of routes is judged by a router that is right.</summary>
public sealed class KongRouterTests
{
    [Theory]
    [InlineData("/a", "short")]
    [InlineData("/ab", "short")]
    [InlineData("/abc", "long")]
    [InlineData("/abc/x", "long")]
    [InlineData("/abc/x/last", "regex")]
    [InlineData("/x/abc/y/last", null)]
    [InlineData("/A", null)]
    public void A_regex_goes_first_then_the_longest_prefix(string path, string? route)
    {
        var router = RouterOf(("short", "/a", 0), ("regex", "~/abc/[^/]+/last$", 0), ("long", "/abc", 0));

        Assert.Equal(route, router.Route(path)?.Name);
    }

    [Fact]
    public void Of_two_regexes_the_higher_priority_wins_whatever_their_order()
    {
        Assert.Equal("high", RouterOf(("low", "~/a/.*", 1), ("high", "~/a", 2)).Route("/a/b")?.Name);
        Assert.Equal("high", RouterOf(("high", "~/a", 2), ("low", "~/a/.*", 1)).Route("/a/b")?.Name);
    }

    [Fact]
    public void A_tie_is_an_error_because_Kong_promises_no_order() =>
        Assert.Throws<InvalidOperationException>(() => RouterOf(("one", "~/a/.*", 0), ("two", "~/a", 0)).Route("/a/b"));

    [Fact]
    public void A_field_that_the_router_does_not_weigh_is_refused() =>
        Assert.Throws<YamlDotNet.Core.YamlException>(() => KongConfiguration.Parse("routes: [{name: a, paths: [/a], methods: [GET]}]"));

    private static KongRouter RouterOf(params (string Name, string Path, int RegexPriority)[] routes) => new(new KongConfiguration
    {
        Routes = [.. routes.Select(route => new KongRoute { Name = route.Name, Paths = [route.Path], RegexPriority = route.RegexPriority })],
    });
}

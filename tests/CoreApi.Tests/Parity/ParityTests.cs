using Platform.ServiceDefaults.Grpc;

namespace Platform.CoreApi.Tests.Parity;

/// <summary>
/// One set of rules, however a caller asks: every rule is asked on every transport that can ask it, and the answers are held against each other
/// and against what is expected.
/// </summary>
public sealed class ParityTests(ParityFixture fixture) : IClassFixture<ParityFixture>
{
    private static readonly Dictionary<string, Rule> Rules =
        new[] { AccessRules.All, InputRules.All, WriteRules.All, FeedRules.All }.SelectMany(r => r).ToDictionary(r => r.Name, StringComparer.Ordinal);

    public static TheoryData<string> Names => [.. Rules.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_rule_is_the_same_on_every_transport(string name)
    {
        var rule = Rules[name];
        var isQuery = rule.Asks.Any(a => a.IsQuery);
        var answers = new List<(Ask Ask, Seen Seen, string Answer)>();
        foreach (var ask in rule.Asks)
        {
            var seen = await AskAsync(rule, ask);
            answers.Add((ask, seen, AnswerOf(ask, seen, rule.Expected, isQuery)));
        }

        var expected = AnswerOf(rule.Expected, isQuery);
        Assert.True(answers.TrueForAll(a => a.Answer == expected),
            $"{name}\n{expected} is expected\n{string.Join('\n', answers.Select(a => $"{a.Answer} by {a.Seen.Ask}"))}");
    }

    [Fact]
    public void No_transport_is_left_out_without_a_reason()
    {
        foreach (var rule in Rules.Values)
        {
            foreach (var transport in Enum.GetValues<Transport>())
            {
                var isAsked = rule.Asks.Any(a => a.Transport == transport);
                Assert.True(isAsked == rule.ReasonWithout(transport) is null, $"'{rule.Name}' on {transport} is {(isAsked ? "asked and excused" : "neither asked nor excused")}.");
            }

            Assert.True(rule.Asks.Select(a => a.Transport).Distinct().Count() >= 2, $"'{rule.Name}' is asked on one transport.");
        }
    }

    private async Task<Seen> AskAsync(Rule rule, Ask ask)
    {
        using var world = await World.CreateAsync(fixture.Service);
        await rule.Given(world);
        var before = await world.VersionsAsync();
        var seen = await ask.SendAsync(world);
        return seen with { Effects = await world.VersionsAsync() - before };
    }

    /// <summary>What was seen, with what a transport does not say taken as it is expected.</summary>
    private static string AnswerOf(Ask ask, Seen seen, Expected expected, bool isQuery) => Line(
        seen.Status ?? expected.Status, seen.Grpc ?? (int)expected.Grpc, ask.OwnCode is { } own && seen.Code == own ? expected.Code : seen.Code, seen.Faults, seen.Retry ?? expected.Retry,
        seen.Replayed ?? expected.Replayed, seen.Effects, seen.Note, isQuery);

    private static string AnswerOf(Expected expected, bool isQuery) => Line(
        expected.Status, (int)expected.Grpc, expected.Code, expected.Faults, expected.Retry, expected.Replayed, expected.Effects, expected.Note, isQuery);

    private static string Line(int status, int grpc, string? code, string faults, bool retry, bool replayed, long effects, string note, bool isQuery) =>
        $"{status} {(GrpcCode)grpc} {code} [{(isQuery ? FaultPath.ParametersOf(faults) : faults)}] retry={retry} replayed={replayed} effects={effects} note='{string.Join(' ', note.Split(' ').Order(StringComparer.Ordinal)).Trim()}'";
}

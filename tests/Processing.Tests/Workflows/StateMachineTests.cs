using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Platform.Contracts.Identifiers;
using Platform.Processing.Jobs;
using Platform.Processing.Types;
using Platform.Processing.Workflows;
using Platform.Processing.Workflows.Advancing;
using Platform.Processing.Workflows.Definition;
using Platform.Processing.Workflows.Expressions;

namespace Platform.Processing.Tests.Workflows;

/// <summary>The state machine itself, without a database: a function of what is and of what happened.</summary>
public sealed class StateMachineTests
{
    private static readonly DateTimeOffset Now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly JobTypes Types = new([new JobType<NoopPayload, Noop>(Noop.Type, new() { TakesAnything = true }, new ServiceCollection().BuildServiceProvider())], new(new()));

    [Fact]
    public void The_guide_shows_every_transition_and_no_other()
    {
        var guide = File.ReadAllText(Path.Combine(Root(), "docs", "guides", "workflows.md"));
        Compare(guide, "workflow", Transitions.OfWorkflows, WorkflowState.All, WorkflowEvent.All);
        Compare(guide, "step", Transitions.OfSteps, StepState.All, StepEvent.All);
    }

    [Fact]
    public void Whatever_happens_in_whatever_state_only_what_the_table_allows_follows()
    {
        foreach (var state in WorkflowState.All)
        {
            foreach (var stepState in StepState.All)
            {
                foreach (var compensation in (string?[])[null, "running", "succeeded", "failed"])
                {
                    foreach (var (name, happening) in Happenings())
                    {
                        var before = Workflow(state, stepState, compensation);
                        var advanced = Advance.Run(before, [happening], Now, Types, NewId);
                        var after = advanced.After;
                        Assert.True(Reaches(state, after.State, Transitions.OfWorkflows), $"{state}/{stepState}/{compensation} {name}: {after.State}");
                        for (var i = 0; i < before.Steps.Count; i++)
                        {
                            Assert.True(Reaches(before.Steps[i].State, after.Steps[i].State, Transitions.OfSteps), $"{state}/{stepState}/{compensation} {name}: {after.Steps[i].State}");
                        }

                        // At rest nothing starts, unless it was asked for.
                        if (!WorkflowState.IsAlive(after.State) && after.State == state)
                        {
                            Assert.Empty(advanced.Starts);
                        }

                        // What was decided is decided: the same once more changes nothing. (A workflow that goes on with something that failed is not at rest yet.)
                        var isStable = !WorkflowState.IsAlive(state) || (stepState != StepState.Failed && compensation != StepState.Failed);
                        if (isStable && happening is JobEnded or Decided or TimeCame or CancelAsked)
                        {
                            var again = Advance.Run(after, [happening], Now, Types, NewId);
                            Assert.Equal(after.State, again.After.State);
                            Assert.Equal(after.Steps.Select(s => s.State), again.After.Steps.Select(s => s.State));
                            Assert.Empty(again.Starts);
                        }
                    }
                }
            }
        }
    }

    [Fact]
    public void A_job_that_is_not_the_steps_own_changes_nothing()
    {
        var before = Workflow(WorkflowState.Running, StepState.Running, null);
        var advanced = Advance.Run(before, [new JobEnded("one", NewId(), JobState.Succeeded, null, null)], Now, Types, NewId);
        Assert.Equal(before.Steps, advanced.After.Steps);
        Assert.Empty(advanced.Announcements);
    }

    [Theory]
    [InlineData("""{"ref":"input.n","op":"eq","value":1}""", "true")]
    [InlineData("""{"ref":"input.n","op":"eq","value":1.0}""", "true")]
    [InlineData("""{"ref":"input.n","op":"eq","value":"1"}""", "false")]
    [InlineData("""{"ref":"input.o","op":"eq","value":{"b":2,"a":1}}""", "true")]
    [InlineData("""{"ref":"input.s","op":"lt","value":"b"}""", "true")]
    [InlineData("""{"ref":"input.n","op":"ge","value":1}""", "true")]
    [InlineData("""{"ref":"input.n","op":"le","value":0.5}""", "false")]
    [InlineData("""{"ref":"input.x","op":"exists"}""", "false")]
    [InlineData("""{"ref":"input.nil","op":"exists"}""", "true")]
    [InlineData("""{"ref":"input.x","op":"eq","value":1}""", "'input.x' is not there.")]
    [InlineData("""{"ref":"input.s","op":"gt","value":1}""", "'input.s' cannot be compared with a number by 'gt'.")]
    [InlineData("""{"and":[{"ref":"input.x","op":"exists"},{"ref":"input.x","op":"gt","value":1}]}""", "false")]
    [InlineData("""{"or":[{"ref":"input.n","op":"eq","value":1},{"ref":"input.x","op":"gt","value":1}]}""", "true")]
    [InlineData("""{"not":{"ref":"input.x","op":"gt","value":1}}""", "'input.x' is not there.")]
    public void A_condition_holds_or_has_no_answer(string condition, string expected)
    {
        var read = Condition.Read(JsonElement.Parse(condition), "", (pointer, _, detail) => Assert.Fail($"{pointer}: {detail}"))!;
        var (holds, fault) = read.Evaluate(WorkflowReferences.ScopeOf(JsonElement.Parse("""{"n":1,"s":"a","o":{"a":1,"b":2},"nil":null}"""), "wfl_1", null, null));
        Assert.Equal(expected, fault ?? (holds ? "true" : "false"));
    }

    /// <summary>Two steps: "one" in the given state, "two" needs it.</summary>
    private static Workflow Workflow(string state, string stepState, string? compensation)
    {
        var asked = JsonElement.Parse("""
            [{"name":"one","job":{"type":"noop","payload":{}},"compensate":{"job":{"type":"noop","payload":{}}}},
             {"name":"two","needs":["one"],"job":{"type":"noop","payload":{}}}]
            """);
        var bytes = System.Text.Encoding.UTF8.GetBytes(asked.GetRawText());
        return new()
        {
            Tenant = Guid.Empty,
            Id = JobOne,
            State = state,
            CompensatesOnFailure = false,
            Input = "{}"u8.ToArray(),
            Asked = bytes,
            Definition = ReadSteps.Parse(bytes),
            CreatedAt = Now,
            FinishedAt = WorkflowState.IsAlive(state) ? null : Now,
            Steps =
            [
                new Step
                {
                    Name = "one", State = stepState, JobId = JobOne, DueAt = stepState == StepState.Waiting ? Now : null,
                    Completion = stepState == StepState.Succeeded ? 1 : null, Compensation = compensation, CompensationJobId = compensation is null ? null : JobTwo,
                },
                new Step { Name = "two" },
            ],
        };
    }

    private static IEnumerable<(string Name, Happening Happening)> Happenings()
    {
        foreach (var outcome in (string[])[JobState.Succeeded, JobState.Dead, JobState.Cancelled])
        {
            yield return ("job " + outcome, new JobEnded("one", JobOne, outcome, null, "why"));
            yield return ("compensation " + outcome, new JobEnded("one", JobTwo, outcome, null, "why"));
        }

        yield return ("time", new TimeCame("one"));
        yield return ("approved", new Decided("one", true, null, JobOne));
        yield return ("rejected", new Decided("one", false, "no", JobOne));
        yield return ("cancel", new CancelAsked(false));
        yield return ("cancel and compensate", new CancelAsked(true));
        yield return ("retry", new RetryAsked());
    }

    private static readonly Guid JobOne = TypeId.New(TimeProvider.System);
    private static readonly Guid JobTwo = TypeId.New(TimeProvider.System);

    private static Guid NewId() => TypeId.New(TimeProvider.System);

    private static bool Reaches(string from, string to, IReadOnlyDictionary<(string State, string Event), string> table)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal) { from };
        for (var round = 0; round < table.Count; round++)
        {
            seen.UnionWith(table.Where(t => seen.Contains(t.Key.State)).Select(t => t.Value).ToArray());
        }

        return seen.Contains(to);
    }

    /// <summary>The table under the heading: a row a state, a column an event.</summary>
    private static void Compare(string guide, string what, IReadOnlyDictionary<(string State, string Event), string> table, IReadOnlyList<string> states, IReadOnlyList<string> events)
    {
        var rows = guide.Split('\n').SkipWhile(l => !l.StartsWith($"| {what} ", StringComparison.Ordinal)).TakeWhile(l => l.StartsWith('|'))
            .Select(l => l.Trim().Split('|')[1..^1].Select(c => c.Trim(' ', '`')).ToArray()).ToArray();
        Assert.True(rows.Length > 2, $"There is no table of the {what}.");
        Assert.Equal(events, rows[0][1..]);
        Assert.Equal(states, rows[2..].Select(r => r[0]));
        foreach (var row in rows[2..])
        {
            for (var i = 0; i < events.Count; i++)
            {
                var shown = row[i + 1].Length == 0 ? null : row[i + 1];
                Assert.True(table.GetValueOrDefault((row[0], events[i])) == shown, $"{what} {row[0]}, {events[i]}: the guide says '{shown}'.");
            }
        }
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "Platform.sln")))
        {
            folder = folder.Parent;
        }

        return folder.FullName;
    }
}

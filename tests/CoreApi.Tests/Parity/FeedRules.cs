using Platform.Contracts.Events;
using Platform.Contracts.Protos.V1;
using Platform.CoreApi.Tests.Feed;
using static Platform.CoreApi.Tests.Parity.Ways;

namespace Platform.CoreApi.Tests.Parity;

/// <summary>Lists and streams of events: one filter, one numbering.</summary>
internal static class FeedRules
{
    private static readonly string Long = new('x', 300);

    public static IEnumerable<Rule> All =>
    [
        Filter("a pattern that is none", "types[1] invalid_format", "type=job.*&type=Job", m => m.Types_.Add(["job.*", "Job"]), """
            "types":["job.*","Job"]
            """),
        Filter("an empty pattern", "types[0] invalid_length", "type=", m => m.Types_.Add(""), """
            "types":[""]
            """),
        Filter("a long pattern", "types[0] invalid_length", "type=" + Long, m => m.Types_.Add(Long), $"\"types\":[\"{Long}\"]"),
        Filter("a pattern that cannot be stored", "types[0] invalid_text", "type=%00", m => m.Types_.Add("\0"), """
            "types":["\u0000"]
            """),
        Filter("too many patterns", "types too_many", Repeated("type", Names(101, "job.")), m => m.Types_.Add(Names(101, "job.")), $"\"types\":[{Quoted(Names(101, "job."))}]"),
        Filter("a long subject", "subjects[0] invalid_length", "subject=" + Long, m => m.Subjects.Add(Long), $"\"subjects\":[\"{Long}\"]"),
        Filter("too many subjects", "subjects too_many", Repeated("subject", Names(101)), m => m.Subjects.Add(Names(101)), $"\"subjects\":[{Quoted(Names(101))}]"),
        Filter("a label without a name", "labels. invalid_length", "label=:v", m => m.Labels.Add("", "v"), """
            "labels":{"":"v"}
            """),
        Filter("a long name of a label", $"labels.{Long} invalid_length", $"label={Long}:v", m => m.Labels.Add(Long, "v"), $$"""
            "labels":{"{{Long}}":"v"}
            """),
        Filter("a long value of a label", "labels.a invalid_length", "label=a:" + Long, m => m.Labels.Add("a", Long), $$"""
            "labels":{"a":"{{Long}}"}
            """),
        Filter("a label that cannot be stored", "labels.a invalid_text", "label=a:%00", m => m.Labels.Add("a", "\0"), """
            "labels":{"a":"\u0000"}
            """),
        Filter("too many labels of events", "labels too_many", Repeated("label", Names(65).Select(n => n + ":")), m => m.Labels.Add(Names(65).ToDictionary(n => n, _ => "")), "\"labels\":" + Labels(65)),
        Filter("a position before the first", "after wrong_type", "after=-1", m => m.After = -1, """
            "after":-1
            """),
        Filter("a position that is not reached", "after beyond_head", "after=7", m => m.After = 7, """
            "after":7
            """) with { Given = HappenedAsync },
        Filter("everything that is wrong", "after wrong_type; types[0] invalid_format", "after=-1&type=A", m =>
        {
            m.After = -1;
            m.Types_.Add("A");
        }, """
            "after":-1,"types":["A"]
            """),
        new("types of resources that are none", Expected.Invalid("types[0] invalid_format"),
            Query("/v1/resources?type=A!") with { HasTypes = true }, Call("Resources/Watch", new WatchResourcesRequest { Types_ = { "A!" } }))
        {
            NoSocket = "a subscription names types of events, not of resources",
        },
        new("a filter lets the same through", Expected.Ok with { Note = "res_0:job.created res_1:job.dead" },
            Get("/v1/events?type=job.*&subject=res_0&subject=res_1&label=env:prod"), Get("/v1/events?after=0&type=job.*&subject=res_0&subject=res_1&label=env:prod"),
            Get("/v1/events/stream?after=0&type=job.*&subject=res_0&subject=res_1&label=env:prod") with { Events = 2 },
            Call("Events/List", new ListEventsRequest { Types_ = { "job.*" }, Subjects = { "res_0", "res_1" }, Labels = { ["env"] = "prod" } }),
            Call("Events/Watch", new WatchEventsRequest { After = 0, Types_ = { "job.*" }, Subjects = { "res_0", "res_1" }, Labels = { ["env"] = "prod" } }) with { Events = 2 },
            Subscribe("""
                "after":0,"types":["job.*"],"subjects":["res_0","res_1"],"labels":{"env":"prod"}
                """) with { Events = 2 }) { Given = HappenedAsync },
        new("a page from before what is kept", new(410, "events_expired"), Get("/v1/events?after=2"), Call("Events/List", new ListEventsRequest { After = 2 }))
        {
            Given = ForgottenAsync, NoSocket = "a stream tells of a gap and goes on",
        },
        new("a stream from before what is kept", Expected.Ok with { Note = "3-4:expired res_0:resource.created res_0:resource.created" },
            Get("/v1/events/stream?after=2") with { Events = 3 }, Rest("GET", "/v1/events/stream", null, ("Last-Event-ID", "2")) with { Events = 3 },
            Call("Events/Watch", new WatchEventsRequest { After = 2 }) with { Events = 3 },
            Subscribe("""
                "after":2
                """) with { Events = 3 },
            Frames("""{"type":"subscribe","id":"s"}""", """{"type":"resume","id":"s","after":2}""") with { Events = 3 }) { Given = ForgottenAsync },
    ];

    /// <summary>A filter that is wrong, wherever a filter can be given.</summary>
    private static Rule Filter(string name, string faults, string query, Action<WatchEventsRequest> set, string fields)
    {
        var watch = new WatchEventsRequest();
        set(watch);
        var list = new ListEventsRequest { Types_ = { watch.Types_ }, Subjects = { watch.Subjects }, Labels = { watch.Labels } };
        if (watch.HasAfter)
        {
            list.After = watch.After;
        }

        return new(name, Expected.Invalid(faults),
            Query("/v1/events?" + query), Query("/v1/events/stream?" + query), List(list), Call("Events/Watch", watch), Subscribe(fields.Trim()));
    }

    /// <summary>Six events, of which two are of jobs, about the right subject and labelled.</summary>
    private static async Task HappenedAsync(World world)
    {
        foreach (var (type, subject, label) in new[]
        {
            (EventTypes.ResourceCreated, "res_0", "prod"), (EventTypes.JobCreated, "res_0", "prod"), (EventTypes.JobCreated, "res_0", "test"),
            (EventTypes.JobDead, "res_2", "prod"), (EventTypes.JobDead, "res_1", "prod"), (EventTypes.ResourceUpdated, "res_1", "prod"),
        })
        {
            await world.Service.PublishAsync(world.Tenant, type, subject, $$$"""{"labels":{"env":"{{{label}}}"}}""");
        }

        await world.Service.RecordedAsync(world.Tenant, 6);
    }

    /// <summary>Six events, of which four are kept no longer.</summary>
    private static async Task ForgottenAsync(World world)
    {
        await world.Service.PublishAsync(world.Tenant, 6, subjects: 1);
        await world.Service.RecordedAsync(world.Tenant, 6);
        await world.Service.Database.ExecuteAsync($"""
            DELETE FROM core.feed_event WHERE tenant_id = '{world.Tenant}' AND position <= 4;
            UPDATE core.feed_head SET floor = 4 WHERE tenant_id = '{world.Tenant}';
            """);
    }
}

using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;
using Platform.Eventing.WorkQueues;
using Platform.ServiceDefaults.OpenApi;
using Platform.ServiceDefaults.Requests;

namespace Platform.Processing.Queues;

/// <summary>The queues that are served, the heaviest first: those that are built in, as configured, and those of <c>Processing:Queues</c>.</summary>
internal sealed partial class QueueNames
{
    public const string Default = "default";
    public const string Pattern = "^[a-z][a-z0-9_.-]{0,63}$";

    /// <summary>Built in, the heaviest first.</summary>
    public static readonly IReadOnlyList<WorkQueueShare> BuiltIn =
        [new("critical", Weight: 6, Reserved: 4), new(Default, Weight: 3), new("notifications", Weight: 2), new("bulk", Weight: 1)];

    public QueueNames(ProcessingOptions options)
    {
        var names = BuiltIn.Select(q => q.Name).Concat(options.Queues.Keys.Order(StringComparer.Ordinal)).Distinct(StringComparer.Ordinal);
        Shares = [.. names.Select(name => Share(name, options)).OrderByDescending(q => q.Weight)];
        All = [.. Shares.Select(s => s.Name)];
    }

    public IReadOnlyList<WorkQueueShare> Shares { get; }

    public IReadOnlyList<string> All { get; }

    /// <summary>For documents: which there are is a matter of configuration.</summary>
    public static Schema Schema(string description) => ServiceDefaults.OpenApi.Schema.Text(
        $"{description} Built in are {string.Join(", ", BuiltIn.Select(q => $"`{q.Name}`"))}; others by configuration.", 64, 1, Pattern);

    public WorkQueueShare? Find(string name) => Shares.FirstOrDefault(s => s.Name == name);

    /// <summary>Reads <c>queue</c>; <c>default</c> when it is left out. A queue that nobody serves is a fault.</summary>
    public string Read(JsonFields fields)
    {
        var queue = fields.OptionalString("queue", 64) ?? Default;
        if (WhyNot(queue) is { } fault)
        {
            fields.Fault("queue", "invalid_value", fault);
        }

        return queue;
    }

    /// <summary>Null for a queue that is served.</summary>
    public string? WhyNot(string queue) =>
        All.Contains(queue) ? null : $"No queue '{queue}' is served here: 'queue' is one of {string.Join(", ", All)}.";

    private static WorkQueueShare Share(string name, ProcessingOptions options)
    {
        var builtIn = BuiltIn.FirstOrDefault(q => q.Name == name);
        return options.Queues.GetValueOrDefault(name) is { } settings ? settings.ShareOf(name, builtIn) : builtIn!;
    }

    /// <summary>Names and settings of queues, at the start.</summary>
    internal sealed class Check : IValidateOptions<ProcessingOptions>
    {
        public ValidateOptionsResult Validate(string? name, ProcessingOptions options)
        {
            var faults = options.Queues.SelectMany(q => q.Value.Faults().Select(f => $"Processing:Queues:{q.Key}: {f}"))
                .Concat(options.Queues.Keys.Where(q => !NamePattern().IsMatch(q)).Select(q => $"Processing:Queues:{q}: a queue's name is {Pattern}."))
                .ToArray();
            return faults.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
        }
    }

    [GeneratedRegex("^[a-z][a-z0-9_.-]{0,63}\\z")]
    private static partial Regex NamePattern();
}

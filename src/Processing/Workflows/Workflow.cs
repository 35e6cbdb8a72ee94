using System.Text.Json;
using Platform.Contracts.Identifiers;
using Platform.Processing.Workflows.Definition;

namespace Platform.Processing.Workflows;

/// <summary>A workflow and how far it is.</summary>
internal sealed record Workflow
{
    public required Guid Tenant { get; init; }
    public required Guid Id { get; init; }
    public string? Name { get; init; }
    public required string State { get; init; }

    /// <summary>Otherwise it stops where it failed.</summary>
    public required bool CompensatesOnFailure { get; init; }
    public string? UniqueKey { get; init; }

    /// <summary>Any JSON value.</summary>
    public required ReadOnlyMemory<byte> Input { get; init; }

    /// <summary>The steps as they were asked for: a JSON list.</summary>
    public required ReadOnlyMemory<byte> Asked { get; init; }

    /// <summary><see cref="Asked"/>, read.</summary>
    public required IReadOnlyList<StepDefinition> Definition { get; init; }

    /// <summary>In the order of the definition.</summary>
    public required IReadOnlyList<Step> Steps { get; init; }

    /// <summary>The step that made it fail; null for none.</summary>
    public string? FailedStep { get; init; }
    public string? Error { get; init; }

    /// <summary>The trigger that started it; null for none.</summary>
    public Guid? TriggerId { get; init; }

    /// <summary>How many triggers in a row lie behind it, that one included. Written, never read back.</summary>
    public int? TriggerDepth { get; init; }

    /// <summary>The API key on whose behalf its jobs run.</summary>
    public Guid? SubmittedBy { get; init; }
    public string? TraceParent { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? FinishedAt { get; init; }

    public string PublicId => TypeId.Format(IdPrefix.Workflow, Id);
    public string Location => "/v1/workflows/" + PublicId;
}

/// <summary>How far a step is.</summary>
internal sealed record Step
{
    public required string Name { get; init; }
    public string State { get; init; } = StepState.Pending;

    /// <summary>Its latest job, where it has one and not many.</summary>
    public Guid? JobId { get; init; }

    /// <summary>How many jobs it has, where it has many.</summary>
    public int ElementCount { get; init; }

    /// <summary>How many of them have not ended.</summary>
    public int ElementsLeft { get; init; }

    /// <summary>In their order; null where they were not looked up.</summary>
    public IReadOnlyList<Element>? Elements { get; init; }

    /// <summary>JSON; null for none.</summary>
    public byte[]? Result { get; init; }

    /// <summary>True where there may be a result that was not looked up.</summary>
    public bool IsResultUnread { get; init; }
    public string? Error { get; init; }

    /// <summary>When the timer rings or the approval expires.</summary>
    public DateTimeOffset? DueAt { get; init; }
    public DateTimeOffset? StartedAt { get; init; }
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>1 for the first step that succeeded, and so on.</summary>
    public int? Completion { get; init; }

    /// <summary>running, succeeded or failed; null while there was none.</summary>
    public string? Compensation { get; init; }
    public Guid? CompensationJobId { get; init; }
    public string? CompensationError { get; init; }
}

/// <summary>One job of a step that has many.</summary>
/// <param name="State">running, succeeded, failed or cancelled.</param>
internal sealed record Element(Guid JobId, string State, byte[]? Result, string? Error);

using Platform.Processing.Workflows.Definition;
using Platform.ServiceDefaults.OpenApi;

namespace Platform.Processing.Workflows;

/// <summary><see cref="WorkflowTemplate"/>, for the document.</summary>
internal static class WorkflowTemplateSchema
{
    private static readonly Schema Input = Schema.AnyObject(
        "What templates of the steps find as `input`. Strings may hold templates of the event; without any, the whole event is added under `event`.");

    public static readonly Schema Shown = Schema.Object("WorkflowTemplate", "The workflow that it starts.",
        ("name?", WorkflowsDescriptions.Name),
        ("on_failure", WorkflowsDescriptions.Failure),
        ("input", Input),
        ("steps", Schema.ListOf(WorkflowsDescriptions.NewStep, "As they were asked for.", ReadSteps.MaxSteps, 1)));

    public static readonly Schema Given = Schema.Input("NewWorkflowTemplate", "The workflow that it starts.",
        ("steps", Schema.ListOf(WorkflowsDescriptions.NewStep, "In any order.", ReadSteps.MaxSteps, 1)),
        ("name?", WorkflowsDescriptions.Name),
        ("input?", Input),
        ("on_failure?", WorkflowsDescriptions.Failure.With("default", OnFailure.Stop)));
}

using Platform.Contracts.Identifiers;
using Platform.ServiceDefaults.OpenApi;
using Platform.ServiceDefaults.Problems;

namespace Platform.Auth.Organizations;

/// <summary>The routes of organizations, for the document.</summary>
internal static class OrganizationsDescriptions
{
    public static readonly Operation Get = new("getOrganization", Tags.Organization, "Get the caller's organization")
    {
        Description = "The organization that the key belongs to. Everything that the key reads and writes is this organization's.",
        Answers =
        [
            Answer.Ok(Schema.Object("Organization", "An organization.",
                ("id", Schema.Id(IdPrefix.Organization, "Its id.")),
                ("slug", Schema.Text("Its short name.", 255, 1)),
                ("name", Schema.Text("For people.", 255, 1)),
                ("created_at", Schema.Time("When it was made.")))
                .Such("""{"id": "org_01jk2m3n4p5q6r7s8t9v0w1x2y", "slug": "default", "name": "Default", "created_at": "2026-01-31T12:00:00Z"}"""), "The organization."),
        ],
        Errors = [KnownProblems.NotFound("organization")],
    };
}

namespace Platform.Architecture.References;

public sealed class ProjectReferencesTests
{
    public static TheoryData<string> Projects()
    {
        string[] roots = [Repository.PathOf("src"), Repository.PathOf("ServiceDefaults"), Repository.PathOf("AppHost")];
        return [.. roots
            .Where(Directory.Exists)
            .SelectMany(root => Directory.EnumerateFiles(root, "*.csproj", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 1 }))
            .Select(file => Path.GetRelativePath(Repository.Root, file).Replace('\\', '/'))
            .Order(StringComparer.Ordinal)];
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_references_only_what_it_may(string file)
    {
        var path = Repository.PathOf(file.Split('/'));
        var references = ProjectReferences.Read(path, File.ReadAllText(path));

        Assert.Empty(ProjectReferenceRules.Violations(Path.GetFileNameWithoutExtension(file), references));
    }

    [Theory]
    [InlineData("Auth", """<ProjectReference Include="../CoreApi/CoreApi.csproj" />""")]
    [InlineData("Auth", """<ProjectReference Include="..\CoreApi\CoreApi.csproj" />""")]
    [InlineData("Analytics", """<ProjectReference Include="$(MSBuildThisFileDirectory)../Standalone/Standalone.csproj" />""")]
    [InlineData("Processing", """<Compile Include="../Notifications/Deliveries/**/*.cs" />""")]
    [InlineData("Notifications", """<Reference Include="Platform.Auth"><HintPath>../Auth/bin/Platform.Auth.dll</HintPath></Reference>""")]
    [InlineData("Contracts", """<ProjectReference Include="../Eventing/Eventing.csproj" />""")]
    [InlineData("Eventing", """<ProjectReference Include="../../ServiceDefaults/ServiceDefaults.csproj" />""")]
    [InlineData("Embedded", """<ProjectReference Include="../Contracts/Contracts.csproj" />""")]
    [InlineData("SomethingNew", "")]
    public void A_reference_that_may_not_be_is_found(string project, string item) => Assert.Single(ViolationsOf(project, item));

    [Theory]
    [InlineData("Auth", """<ProjectReference Include="../Eventing/Eventing.csproj;../Contracts/Contracts.csproj" />""")]
    [InlineData("Auth", """<ProjectReference Include="../../ServiceDefaults/ServiceDefaults.csproj" />""")]
    [InlineData("Eventing", """<ProjectReference Include="../Contracts/Contracts.csproj" />""")]
    [InlineData("Standalone", """<ProjectReference Include="../Auth/Auth.csproj" />""")]
    [InlineData("Contracts", """<EmbeddedResource Include="Protos/*.proto" />""")]
    public void A_reference_that_may_be_is_let_through(string project, string item) => Assert.Empty(ViolationsOf(project, item));

    private static IReadOnlyList<string> ViolationsOf(string project, string item) => ProjectReferenceRules.Violations(
        project,
        ProjectReferences.Read(
            Repository.PathOf("src", project, project + ".csproj"),
            $"<Project Sdk=\"Microsoft.NET.Sdk\"><ItemGroup>{item}</ItemGroup></Project>"));
}

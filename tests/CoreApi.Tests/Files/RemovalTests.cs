using System.Net;
using Platform.Testing;

namespace Platform.CoreApi.Tests.Files;

/// <summary>Objects go after their files do, and only those.</summary>
public sealed class RemovalTests(FilesFixture fixture) : IClassFixture<FilesFixture>
{
    [Fact]
    public async Task Two_instances_remove_what_is_due_once_each_and_nothing_else()
    {
        var root = fixture.NewRoot();
        await using var one = await fixture.StartAsync(null, ("Files:Directory", root));
        await using var two = await fixture.StartAsync(one.Database, ("Files:Directory", root));
        using var client = one.Client();
        var kept = await client.UploadedAsync("kept");
        for (var n = 0; n < 120; n++)
        {
            var file = await client.UploadedAsync($"{n}");
            using var deleted = await client.DeleteAsync("/v1/files/" + file.Id);
            Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        }

        Assert.Equal(120L, await one.Database.ScalarAsync<long>("SELECT count(*) FROM core.object_removal"));
        await Task.WhenAll(one.SweepAsync(), two.SweepAsync(), one.SweepAsync(), two.SweepAsync());
        Assert.Equal(0L, await one.Database.ScalarAsync<long>("SELECT count(*) FROM core.object_removal"));
        Assert.Single(FilesFixture.Objects(root));
        Assert.Equal("kept", await client.GetStringAsync("/v1/files/" + kept.Id));
        Assert.Equal("4 1", await one.Database.ScalarAsync<string>("SELECT bytes || ' ' || files FROM core.file_usage"));
    }

    [Fact]
    public async Task A_removal_that_an_instance_left_half_done_is_done_by_another_one()
    {
        await using var service = await fixture.StartAsync();
        using var client = service.Client();
        var file = await client.UploadedAsync("x");
        using var deleted = await client.DeleteAsync("/v1/files/" + file.Id);
        await service.Database.ExecuteAsync("UPDATE core.object_removal SET removing = true, remove_after = now() + interval '1 hour'");
        await service.SweepAsync();
        Assert.Equal(1L, await service.Database.ScalarAsync<long>("SELECT count(*) FROM core.object_removal"));
        await service.Database.ExecuteAsync("UPDATE core.object_removal SET remove_after = now()");
        await service.SweepAsync();
        Assert.Equal(0L, await service.Database.ScalarAsync<long>("SELECT count(*) FROM core.object_removal"));
    }
}

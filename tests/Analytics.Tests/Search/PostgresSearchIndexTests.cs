using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Platform.Analytics.Search;

public sealed class PostgresSearchIndexTests(AnalyticsFixture analytics) : SearchIndexConformance, IClassFixture<AnalyticsFixture>
{
    internal override ISearchIndex Index => analytics.Service.Services.GetRequiredService<ISearchIndex>();

    internal override async Task<NpgsqlConnection> ConnectAsync() => await analytics.Database.System.OpenConnectionAsync();
}

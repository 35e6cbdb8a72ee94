using System.Text;
using Platform.Contracts.Events;
using Platform.Notifications.Deliveries;
using Platform.Notifications.Matching;

namespace Platform.Notifications.Tests;

public sealed class MatchingTests
{
    [Theory]
    [InlineData("*", "resource.created", true)]
    [InlineData("resource.created", "resource.created", true)]
    [InlineData("resource.created", "resource.created.v2", false)]
    [InlineData("resource.*", "resource.created", true)]
    [InlineData("resource.*", "resource.created.v2", true)]
    [InlineData("resource.*", "resource", false)]
    [InlineData("resource.*", "resources.created", false)]
    [InlineData("job.*", "resource.created", false)]
    public void Patterns(string pattern, string type, bool matches) => Assert.Equal(matches, EventTypePattern.Matches(pattern, type));

    [Theory]
    [InlineData("*", true)]
    [InlineData("resource.*", true)]
    [InlineData("a.b_c.d2", true)]
    [InlineData("", false)]
    [InlineData(".*", false)]
    [InlineData("res*", false)]
    [InlineData("*.created", false)]
    [InlineData("resource..created", false)]
    [InlineData("resource.*.created", false)]
    [InlineData("Resource.created", false)]
    [InlineData("resource.created ", false)]
    public void Valid_patterns(string pattern, bool valid) => Assert.Equal(valid, EventTypePattern.IsValid(pattern));

    [Theory]
    [InlineData("""{"labels":{"env":"prod","team":"a"}}""", null)]
    [InlineData("""{"labels":{"env":"Prod"}}""", "labels")]
    [InlineData("""{"labels":{"env":1}}""", "labels")]
    [InlineData("""{"labels":{}}""", "labels")]
    [InlineData("""{"labels":["env"]}""", "labels")]
    [InlineData("""{}""", "labels")]
    [InlineData("""[]""", "labels")]
    [InlineData("null", "labels")]
    public void Labels(string data, string? whyNot)
    {
        var filter = new EndpointFilter(["*"], new Dictionary<string, string>(StringComparer.Ordinal) { ["env"] = "prod" });
        Assert.Equal(whyNot, filter.WhyNot("resource.created", Encoding.UTF8.GetBytes(data)));
    }

    [Fact]
    public void A_delivery_id_follows_from_event_and_endpoint_and_lies_in_the_time_of_the_event()
    {
        var time = DateTimeOffset.Parse("2026-01-31T12:00:00Z");
        var (eventId, endpointId) = (Guid.CreateVersion7(time), Guid.CreateVersion7(time));
        var id = DeliveryId.Of(eventId, endpointId);
        Assert.Equal(id, DeliveryId.Of(eventId, endpointId));
        Assert.NotEqual(id, DeliveryId.Of(eventId, Guid.CreateVersion7(time)));
        Assert.NotEqual(id, DeliveryId.Of(Guid.CreateVersion7(time), endpointId));
        Assert.Equal(eventId.ToString()[..13], id.ToString()[..13]);
        Assert.Equal(7, id.Version);
        Assert.InRange(id.Variant, 8, 11);
    }
}

using System.Reflection;
using Xunit.Sdk;

namespace Platform.Eventing.Tests.Conformance;

/// <summary>Runs a theory once on every stream engine: PostgreSQL, Kafka's protocol on a mock cluster, and a Kafka that <c>ConnectionStrings__kafka</c> names.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class EveryStreamAttribute : DataAttribute
{
    public override IEnumerable<object[]> GetData(MethodInfo testMethod) => StreamUnderTest.Engines.Select(e => new object[] { e });
}

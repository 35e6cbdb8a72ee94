using System.Text;
using Platform.ServiceDefaults.Requests;

namespace Platform.ServiceDefaults.Tests.Requests;

public sealed class JsonSizeTests
{
    [Theory]
    [InlineData("""{"a":1}""", 7)]
    [InlineData("""["\n\\\""]""", 10)]
    [InlineData("""["\u0001"]""", 10)]
    [InlineData("""["\u0022\u005c"]""", 8)]
    [InlineData("""["\u003c\u00e9\u20ac"]""", 10)]
    [InlineData("""["\ud83d\ude00x\\u00e9"]""", 16)]
    public void Escapes_count_as_what_they_stand_for(string json, int size) => Assert.Equal(size, JsonSize.Unescaped(Encoding.UTF8.GetBytes(json)));
}

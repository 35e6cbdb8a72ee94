using Platform.Contracts.Identifiers;
using Platform.ServiceDefaults.Authentication.Keys;

namespace Platform.ServiceDefaults.Tests.Authentication;

public sealed class ApiKeyTextTests
{
    private static readonly Guid Id = TypeId.New(TimeProvider.System);

    [Theory]
    [InlineData("live")]
    [InlineData("test")]
    public void AKeyIsReadBackAndNamesItsId(string environment)
    {
        var text = ApiKeyText.Create(environment, Id);

        Assert.Matches($"^pk_{environment}_[0-9a-z]{{26}}_[0-9A-Za-z]{{49}}$", text);
        Assert.True(ApiKeyText.TryParse(text, out var id));
        Assert.Equal(Id, id);
    }

    /// <summary>The check value of CRC-32 that every implementation of it publishes.</summary>
    [Fact]
    public void TheChecksumIsTheCommonCrc32() => Assert.Equal(0xCBF43926, Crc32.Of("123456789"));

    [Fact]
    public void EveryChangeOfOneCharacterIsFoundOffline()
    {
        var text = ApiKeyText.Create("live", Id).ToCharArray();
        for (var i = 0; i < text.Length; i++)
        {
            var original = text[i];
            foreach (var other in "09azAZ_ \0é")
            {
                text[i] = other;
                Assert.Equal(other == original, ApiKeyText.TryParse(text, out _));
            }

            text[i] = original;
        }
    }

    [Fact]
    public void NeighboursSwappedAreFoundOffline()
    {
        var text = ApiKeyText.Create("live", Id).ToCharArray();
        for (var i = 1; i < text.Length; i++)
        {
            (text[i - 1], text[i]) = (text[i], text[i - 1]);
            Assert.Equal(text[i - 1] == text[i], ApiKeyText.TryParse(text, out _));
            (text[i - 1], text[i]) = (text[i], text[i - 1]);
        }
    }

    [Fact]
    public void NoTwoKeysAreEqual() =>
        Assert.Equal(1000, Enumerable.Range(0, 1000).Select(_ => ApiKeyText.Create("live", Id)).Distinct(StringComparer.Ordinal).Count());

    [Fact]
    public void AnotherEnvironmentIsRefused() => Assert.Throws<ArgumentException>(() => ApiKeyText.Create("prod", Id));
}

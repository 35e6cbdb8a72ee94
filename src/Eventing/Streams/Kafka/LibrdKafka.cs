using System.Reflection;
using System.Runtime.InteropServices;
using Confluent.Kafka;

namespace Platform.Eventing.Streams.Kafka;

/// <summary>
/// The native Kafka library. The full package feed brings it with the build; elsewhere <c>tools/librdkafka</c> builds it into the
/// platform's cache. <c>PLATFORM_LIBRDKAFKA</c> names a file and wins.
/// </summary>
internal static class LibrdKafka
{
    /// <summary>Confluent.Kafka refuses older ones.</summary>
    private const string Version = "2.15.1";
    private static readonly Lock Gate = new();
    private static bool _loaded;

    /// <summary>Makes sure that the library is there.</summary>
    /// <exception cref="KafkaLibraryMissingException">It is not, or does not fit.</exception>
    public static void Load()
    {
        lock (Gate)
        {
            if (_loaded)
            {
                return;
            }

            var path = Candidates().FirstOrDefault(File.Exists);
            if (path is null && Environment.GetEnvironmentVariable("PLATFORM_LIBRDKAFKA") is { Length: > 0 } named)
            {
                throw new KafkaLibraryMissingException(Version, new FileNotFoundException($"there is no file '{named}'"));
            }

            if (path is not null)
            {
                var handle = NativeLibrary.Load(path);
                NativeLibrary.SetDllImportResolver(typeof(Library).Assembly, (name, _, _) => Resolve(name, handle));
            }

            try
            {
                _ = Library.Version;
                _loaded = true;
            }
            catch (Exception e) when (e is DllNotFoundException or TypeInitializationException or InvalidOperationException or EntryPointNotFoundException)
            {
                throw new KafkaLibraryMissingException(Version, e);
            }
        }
    }

    private static nint Resolve(string name, nint handle) =>
        name == "librdkafka" ? handle
        : name == "libdl" && OperatingSystem.IsLinux() ? NativeLibrary.Load("libdl.so.2")
        : nint.Zero;

    private static IEnumerable<string> Candidates()
    {
        if (Environment.GetEnvironmentVariable("PLATFORM_LIBRDKAFKA") is { Length: > 0 } named)
        {
            yield return named;
            yield break;
        }

        var native = Path.Combine(AppContext.BaseDirectory, "runtimes", RuntimeInformation.RuntimeIdentifier, "native");
        if (Directory.Exists(native) && Directory.EnumerateFiles(native, "*rdkafka*").Any())
        {
            yield break;
        }

        var file = Path.Combine($"librdkafka-{Version}", "librdkafka.so.1");
        yield return Path.Combine("/var/cache/platform", file);
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        var cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } given ? given : Path.Combine(home, ".cache");
        yield return Path.Combine(cache, "platform", file);
    }
}

/// <summary>Kafka is configured and its native library is not to be found; the message is fit for one line on stderr.</summary>
public sealed class KafkaLibraryMissingException(string version, Exception inner) : StreamConfigurationException(
    $"ConnectionStrings__kafka is set but librdkafka {version} cannot be loaded: run tools/librdkafka, or name the file in PLATFORM_LIBRDKAFKA ({inner.Message}).", inner);

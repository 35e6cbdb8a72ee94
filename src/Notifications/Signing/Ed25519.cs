using System.Reflection;
using System.Runtime.InteropServices;

namespace Platform.Notifications.Signing;

/// <summary>
/// Ed25519 (RFC 8032) by OpenSSL's libcrypto, from 1.1.1 on: the base library has none. On Linux it is there, because TLS needs it; where it is not,
/// <see cref="IsAvailable"/> says so and nothing else changes.
/// </summary>
internal static class Ed25519
{
    public const int SeedLength = 32;
    public const int SignatureLength = 64;

    private const string Library = "libcrypto";
    private const int KeyType = 1087;
    private static readonly string[] Names =
        ["libcrypto.so.3", "libcrypto.so.1.1", "libcrypto.so", "libcrypto.3.dylib", "libcrypto-3-x64.dll", "libcrypto-3-arm64.dll"];

    private static readonly nint Handle = Load();

    /// <summary>False where the machine has no OpenSSL.</summary>
    public static bool IsAvailable => Handle != 0;

    /// <param name="seed">The private key as RFC 8032 has it, 32 bytes.</param>
    public static byte[] PublicKeyOf(ReadOnlySpan<byte> seed)
    {
        using var key = Key.Of(seed);
        var publicKey = new byte[SeedLength];
        nuint length = SeedLength;
        Check(EVP_PKEY_get_raw_public_key(key, ref publicKey[0], ref length));
        return publicKey;
    }

    /// <param name="signature">At least <see cref="SignatureLength"/> bytes.</param>
    public static void Sign(ReadOnlySpan<byte> seed, ReadOnlySpan<byte> content, Span<byte> signature)
    {
        using var key = Key.Of(seed);
        using var context = Context.Create();
        Check(EVP_DigestSignInit(context, 0, 0, 0, key));
        nuint length = SignatureLength;
        Check(EVP_DigestSign(context, ref signature[0], ref length, ref MemoryMarshal.GetReference(content), (nuint)content.Length));
    }

    private static void Check(int result)
    {
        if (result != 1)
        {
            throw new InvalidOperationException("OpenSSL refused an ed25519 operation.");
        }
    }

    private static nint Load()
    {
        foreach (var name in Names)
        {
            if (NativeLibrary.TryLoad(name, Assembly.GetExecutingAssembly(), null, out var handle))
            {
                if (NativeLibrary.TryGetExport(handle, nameof(EVP_DigestSign), out _))
                {
                    NativeLibrary.SetDllImportResolver(Assembly.GetExecutingAssembly(), (asked, _, _) => asked == Library ? handle : 0);
                    return handle;
                }

                NativeLibrary.Free(handle);
            }
        }

        return 0;
    }

    [DllImport(Library)]
    private static extern Key EVP_PKEY_new_raw_private_key(int type, nint engine, ref byte key, nuint length);

    [DllImport(Library)]
    private static extern int EVP_PKEY_get_raw_public_key(Key key, ref byte publicKey, ref nuint length);

    [DllImport(Library)]
    private static extern void EVP_PKEY_free(nint key);

    [DllImport(Library)]
    private static extern Context EVP_MD_CTX_new();

    [DllImport(Library)]
    private static extern void EVP_MD_CTX_free(nint context);

    [DllImport(Library)]
    private static extern int EVP_DigestSignInit(Context context, nint keyContext, nint digest, nint engine, Key key);

    [DllImport(Library)]
    private static extern int EVP_DigestSign(Context context, ref byte signature, ref nuint length, ref byte content, nuint contentLength);

    private sealed class Key() : SafeHandle(0, ownsHandle: true)
    {
        public override bool IsInvalid => handle == 0;

        public static Key Of(ReadOnlySpan<byte> seed)
        {
            if (!IsAvailable || seed.Length != SeedLength)
            {
                throw new InvalidOperationException(IsAvailable ? "An ed25519 seed has 32 bytes." : "There is no OpenSSL on this machine.");
            }

            var key = EVP_PKEY_new_raw_private_key(KeyType, 0, ref MemoryMarshal.GetReference(seed), SeedLength);
            return key.IsInvalid ? throw new InvalidOperationException("OpenSSL refused an ed25519 key.") : key;
        }

        protected override bool ReleaseHandle()
        {
            EVP_PKEY_free(handle);
            return true;
        }
    }

    private sealed class Context() : SafeHandle(0, ownsHandle: true)
    {
        public override bool IsInvalid => handle == 0;

        public static Context Create() => EVP_MD_CTX_new() is { IsInvalid: false } context ? context : throw new InvalidOperationException("OpenSSL has no memory.");

        protected override bool ReleaseHandle()
        {
            EVP_MD_CTX_free(handle);
            return true;
        }
    }
}

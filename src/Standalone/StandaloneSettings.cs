using System.Net;
using System.Net.Sockets;

namespace Platform.Standalone;

/// <summary>What the environment says about local mode.</summary>
/// <param name="DataDirectory"><c>PLATFORM_DATA</c>; <c>.platform</c> in the working folder by default.</param>
/// <param name="Port"><c>PLATFORM_PORT</c>; 8080 by default.</param>
/// <param name="Database"><c>ConnectionStrings__platform</c>; null: a PostgreSQL of our own.</param>
internal sealed record StandaloneSettings(string DataDirectory, int Port, string? Database)
{
    /// <exception cref="StandaloneException">A value makes no sense.</exception>
    public static StandaloneSettings FromEnvironment()
    {
        var port = Environment.GetEnvironmentVariable("PLATFORM_PORT");
        var number = 8080;
        if (!string.IsNullOrEmpty(port) && (!int.TryParse(port, out number) || number is < 1 or > 65535))
        {
            throw new StandaloneException($"PLATFORM_PORT is '{port}', which is no port.");
        }

        var data = Environment.GetEnvironmentVariable("PLATFORM_DATA");
        var database = Environment.GetEnvironmentVariable("ConnectionStrings__platform");
        return new(
            Path.GetFullPath(string.IsNullOrEmpty(data) ? ".platform" : data), number, string.IsNullOrEmpty(database) ? null : database);
    }

    /// <summary>Says so before the database is started, rather than after.</summary>
    /// <exception cref="StandaloneException">Somebody listens there.</exception>
    public void RefuseTakenPort()
    {
        try
        {
            using var probe = new TcpListener(IPAddress.Loopback, Port) { ExclusiveAddressUse = true };
            probe.Start();
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied)
        {
            throw new StandaloneException($"Port {Port} is in use or not allowed: set PLATFORM_PORT to another one.");
        }
    }
}

/// <summary>Local mode cannot start; the message is one line for stderr.</summary>
internal sealed class StandaloneException(string message) : Exception(message);

using System.Net;
using System.Net.Sockets;
using Platform.ServiceDefaults.Grpc;

namespace Platform.Standalone;

/// <summary>What the environment says about local mode.</summary>
/// <param name="DataDirectory"><c>PLATFORM_DATA</c>; <c>.platform</c> in the working folder by default.</param>
/// <param name="Port"><c>PLATFORM_PORT</c>; 8080 by default.</param>
/// <param name="GrpcPort"><c>PLATFORM_GRPC_PORT</c>; 8081 by default, 0 for any that is free.</param>
/// <param name="Database"><c>ConnectionStrings__platform</c>; null: a PostgreSQL of our own.</param>
internal sealed record StandaloneSettings(string DataDirectory, int Port, int GrpcPort, string? Database)
{
    /// <exception cref="StandaloneException">A value makes no sense.</exception>
    public static StandaloneSettings FromEnvironment()
    {
        var data = Environment.GetEnvironmentVariable("PLATFORM_DATA");
        var database = Environment.GetEnvironmentVariable("ConnectionStrings__platform");
        return new(
            Path.GetFullPath(string.IsNullOrEmpty(data) ? ".platform" : data), ReadPort("PLATFORM_PORT", 8080, min: 1), ReadPort(GrpcOptions.PortSetting, 8081, min: 0),
            string.IsNullOrEmpty(database) ? null : database);
    }

    /// <summary>Says so before the database is started, rather than after.</summary>
    /// <exception cref="StandaloneException">Somebody listens there.</exception>
    public void RefuseTakenPorts()
    {
        if (Port == GrpcPort)
        {
            throw new StandaloneException($"PLATFORM_PORT and {GrpcOptions.PortSetting} are both {Port}: set one of them to another port.");
        }

        Refuse(Port, "PLATFORM_PORT");
        Refuse(GrpcPort, GrpcOptions.PortSetting);
    }

    private static void Refuse(int port, string setting)
    {
        try
        {
            using var probe = new TcpListener(IPAddress.Loopback, port) { ExclusiveAddressUse = true };
            probe.Start();
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied)
        {
            throw new StandaloneException($"Port {port} is in use or not allowed: set {setting} to another one.");
        }
    }

    private static int ReadPort(string setting, int otherwise, int min)
    {
        var text = Environment.GetEnvironmentVariable(setting);
        if (string.IsNullOrEmpty(text))
        {
            return otherwise;
        }

        return int.TryParse(text, out var port) && port >= min && port <= 65535
            ? port
            : throw new StandaloneException($"{setting} is '{text}', which is no port.");
    }
}

/// <summary>Local mode cannot start; the message is one line for stderr.</summary>
internal sealed class StandaloneException(string message) : Exception(message);

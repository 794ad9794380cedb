using System.Net;
using System.Net.Sockets;

namespace Pipeline.Tests.Support;

/// <summary>Ports of the loopback that were free a moment ago.</summary>
public static class FreePorts
{
    /// <summary>One.</summary>
    public static int One() => Several(1)[0];

    /// <summary>So many, all held until the last is found, so that they differ.</summary>
    public static int[] Several(int count)
    {
        var held = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        held.ForEach(listener => listener.Start());
        var ports = held.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port).ToArray();
        held.ForEach(listener => listener.Dispose());
        return ports;
    }
}

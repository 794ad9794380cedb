using NUnit.Framework;
using Pipeline.Tests.Support.Spark;

namespace Pipeline.Tests.EndToEnd;

/// <summary>The servers that fixtures share, ended when the last test has run.</summary>
[SetUpFixture]
public sealed class SharedServers
{
    [OneTimeTearDown]
    public void Stop_every_Spark() => SparkServer.StopAll();
}

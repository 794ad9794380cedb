using NUnit.Framework;
using Pipeline.Tests.Support.Spark;

namespace Pipeline.Tests.Integration.Spark;

[SetUpFixture]
public class SparkSetUp
{
    [OneTimeTearDown]
    public void Stop_every_Spark() => SparkServer.StopAll();
}

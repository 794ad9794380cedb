using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Types;

namespace Pipeline.Tests.Unit.Kafka;

public sealed class NearestNameTests
{
    [TestCase("snd", "send")]
    [TestCase("SEND", "send")]
    [TestCase("sedn", "send")]
    [TestCase("generat", "generate")]
    public void A_misspelt_name_finds_the_one_that_is_near(string name, string nearest) => NearestName.Find(name, ["send", "generate"]).Should().Be(nearest);

    [TestCase("xyz")]
    [TestCase("")]
    public void A_name_that_is_far_from_all_finds_none(string name) => NearestName.Find(name, ["send", "generate"]).Should().BeNull();

    [Test]
    public void The_nearest_wins() => NearestName.Find("--batch-siz", ["--batch", "--batch-size"]).Should().Be("--batch-size");
}

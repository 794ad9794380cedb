using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Files;
using Pipeline.Producer.Messages;
using Pipeline.Suite.Schemas;
using Pipeline.Tests.Support;

namespace Pipeline.Tests.Unit.Producer;

/// <summary>EPA's own files, where the folder of them is given.</summary>
public sealed class RealFilesTests
{
    private string _folder = "";

    [OneTimeSetUp]
    public void FindFolder() => _folder = RealFiles.Require(RealFiles.WaterQuality, "EPA's files (LTM_Data_2022_8_1.csv and the others)");

    [Test]
    public void All_samples_become_messages_without_a_warning()
    {
        using var source = new JsonRowMessages(RowSources.Open(Path.Combine(_folder, "LTM_Data_2022_8_1.csv"), WaterQuality.Dataset.Main.Delimiter, null, null, _ => { }), WaterQuality.Dataset);
        var messages = SourceReading.Messages(source);
        messages.Should().HaveCount(38_200);
        messages.Should().Contain(message => message.Key == "01364959");
        messages[^1].Position.Should().Be("38201");
        source.Warnings.Sentences.Should().BeEmpty();
    }

    [Test]
    public void Methods_are_the_same_in_the_workbook() => SameValues.Assert(Path.Combine(_folder, "Methods_2022_8_1"), WaterQuality.Dataset.References["methods"], ordered: false);

    [Test]
    public void Sites_are_the_same_in_the_workbook() => SameValues.Assert(Path.Combine(_folder, "Site_Information_2022_8_1"), WaterQuality.Dataset.References["sites"], ordered: false);
}

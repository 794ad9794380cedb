using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Sql;
using Pipeline.Jobs.Datasets.Students;

namespace Pipeline.Tests.Integration.Datasets;

public sealed class StudentsMartsTests
{
    private SparkSession spark = null!;

    [OneTimeSetUp]
    public void Start() => spark = EmbeddedRows.Start();

    [OneTimeTearDown]
    public void Stop() => spark?.Stop();

    [Test]
    public void Names_are_capitals_with_their_accents_and_only_who_is_over_20_stays() =>
        EmbeddedRows.Lines(Marts.InOrder(Marts.Transformed(Students(["Lefèvre", "Zoé", 21L, "IA"], ["d'Arcy", "Øyvind", 20L, "IA"], ["Nguyễn", "Éloïse", 30L, "Droit"], ["Œuvrard", "Anaïs", 25L, "IA"]))))
            .Should().Equal("ÉLOÏSE | NGUYỄN | 30 | Droit", "ZOÉ | LEFÈVRE | 21 | IA", "ANAÏS | ŒUVRARD | 25 | IA");

    [Test]
    public void Two_students_of_one_name_age_and_field_are_two() =>
        EmbeddedRows.Lines(Marts.MeanAgeByField(Marts.Transformed(Students(["A", "B", 22L, "IA"], ["A", "B", 22L, "IA"], ["C", "D", 25L, "IA"]))))
            .Should().Equal("IA | 3 | 23");

    [Test]
    public void A_field_without_a_student_over_20_has_no_mean() =>
        EmbeddedRows.Lines(Marts.MeanAgeByField(Marts.Transformed(Students(["A", "B", 20L, "IA"], ["C", "D", 21L, "Droit"])))).Should().Equal("Droit | 1 | 21");

    private DataFrame Students(params object?[][] rows) => EmbeddedRows.Given(spark, "last_name string, first_name string, age bigint, field string", rows);
}

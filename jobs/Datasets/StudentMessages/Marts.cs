using Pipeline.Engine.Sql;
using static Pipeline.Engine.Sql.Functions;

namespace Pipeline.Jobs.Datasets.StudentMessages;

/// <summary>What is told of the students, by field of study and in all.</summary>
public static class Marts
{
    /// <summary>A student counts among the older ones from the year after this age on.</summary>
    public const int AgeOver = 20;

    /// <summary>The two groups of students that are told apart, by the name that they have in tables.</summary>
    private static readonly (string Name, Func<DataFrame, DataFrame> Of)[] Populations =
    [
        ("all", static students => students),
        ("over_20", static students => students.Filter(Col("age") > Lit(AgeOver))),
    ];

    /// <summary>Ages by field of study, for all students and for those over 20. Key: population, filiere.</summary>
    /// <remarks>Out: population (string: all, over_20), filiere (string), nombre (bigint), moyenne (double), min, max (int), ecart_type (double: the sample's; 0.0 where all are equal, so also for one), in years. Unordered.</remarks>
    public static DataFrame FieldStats(DataFrame students) =>
        Populations
            .Select(population => population.Of(students)
                .GroupBy("filiere")
                .Agg(
                    Count(Lit(1)).As("nombre"), Avg(Col("age")).As("moyenne"), Min(Col("age")).As("min"), Max(Col("age")).As("max"),
                    Coalesce(StddevSamp(Col("age")), Lit(0.0)).As("ecart_type"))
                .Select(Lit(population.Name).As("population"), Col("filiere"), Col("nombre"), Col("moyenne"), Col("min"), Col("max"), Col("ecart_type")))
            .Aggregate(static (left, right) => left.Union(right));

    /// <summary>The figures of all students and of those over 20, one a row. Key: population, name.</summary>
    /// <remarks>
    /// Out: population, name (string), value (double, rounded to two places). Names: students, fields, mean_of_students (each student counts once), mean_of_field_means (each field counts once).
    /// The last two differ wherever fields differ in size. Unordered.
    /// </remarks>
    public static DataFrame Summary(DataFrame students)
    {
        var fields = FieldStats(students)
            .GroupBy("population")
            .Agg(
                Sum(Col("nombre")).Cast("double").As("students"),
                Count(Lit(1)).Cast("double").As("fields"),
                (Sum(Col("moyenne") * Col("nombre")) / Sum(Col("nombre"))).As("mean_of_students"),
                Avg(Col("moyenne")).As("mean_of_field_means"));
        return fields
            .Unpivot([Col("population")], [Col("students"), Col("fields"), Col("mean_of_students"), Col("mean_of_field_means")], "name", "value")
            .Select(Col("population"), Col("name"), Round(Col("value"), 2).As("value"));
    }
}

using Pipeline.Engine.Sql;
using static Pipeline.Engine.Sql.Functions;

namespace Pipeline.Jobs.Datasets.Students;

/// <summary>Students of age, and what is told of them. Functions from table to table.</summary>
public static class Marts
{
    /// <summary>A student counts from the year after this age on.</summary>
    public const int AgeOver = 20;

    /// <summary>Students over 20, names in capitals.</summary>
    /// <remarks>
    /// In: <c>students</c>. Grain: one row a student who is over 20. Unordered.
    /// Out: first_name, last_name (string, in capitals, accents kept: é becomes É), age (bigint, in years), field (string).
    /// </remarks>
    public static DataFrame Transformed(DataFrame students) =>
        students
            .Filter(Col("age") > Lit(AgeOver))
            .Select(Upper(Col("first_name")).As("first_name"), Upper(Col("last_name")).As("last_name"), Col("age"), Col("field"));

    /// <summary><see cref="Transformed"/> in an order that is total: by field, last name, first name and age, as Unicode orders them.</summary>
    public static DataFrame InOrder(DataFrame transformed) => transformed.OrderBy("field", "last_name", "first_name", "age");

    /// <summary>Mean age by field of the students over 20. Key: field.</summary>
    /// <remarks>Out: field (string), n (bigint), mean_age (double, in years). A field without a student over 20 has no row.</remarks>
    public static DataFrame MeanAgeByField(DataFrame transformed) =>
        transformed.GroupBy("field").Agg(Count(Lit(1)).As("n"), Avg(Col("age")).As("mean_age"));
}

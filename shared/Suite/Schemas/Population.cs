using System.Collections.Immutable;
using Pipeline.Suite.Schemas.Contracts;

namespace Pipeline.Suite.Schemas;

/// <summary>People, income, health insurance and self-employment by neighborhood: estimates of a survey, each with its margin of error.</summary>
/// <remarks>Source: American Community Survey 2015, five-year estimates, Pittsburgh neighborhoods. A margin of error is at 90 % confidence.</remarks>
public static class Population
{
    /// <summary>The neighborhoods' inhabitants, a message of the topic.</summary>
    public static TableContract People { get; } = new("population", "one neighborhood", [
        .. Place,
        new("estimate", "Estimate; Total", new NumberRule(), "Inhabitants") { IsRequired = true },
        new("margin_of_error", "Margin of Error; Total", new NumberRule(), "Margin of error of the inhabitants"),
    ])
    {
        Key = ["id"],
        RefusesRepeatedKeys = true,
    };

    /// <summary>Income of all households together.</summary>
    public static TableContract HouseholdIncome { get; } = new("household_income", "one neighborhood", [
        .. Place,
        new("estimate", "Estimate; " + AggregateIncome, new NumberRule(), "Income of all households together in a year") { Unit = "$" },
        new("margin_of_error", "Margin of Error; " + AggregateIncome, new NumberRule(), "Margin of error of the income") { Unit = "$" },
    ])
    {
        Key = ["id"],
    };

    /// <summary>People with health insurance.</summary>
    public static TableContract HealthInsurance { get; } = new("health_insurance", "one neighborhood", [
        .. Place,
        new("estimate", "Estimate; Total:", new NumberRule(), "People with health insurance"),
        new("margin_of_error", "Margin of Error; Total:", new NumberRule(), "Margin of error of the insured"),
    ])
    {
        Key = ["id"],
    };

    /// <summary>Households with income from self-employment; the number of all households where the file has it.</summary>
    public static TableContract SelfEmployment { get; } = new("self_employment_income", "one neighborhood", [
        .. Place,
        new("estimate", "Estimate; Total: - With self-employment income", new NumberRule(), "Households with income from self-employment"),
        new("margin_of_error", "Margin of Error; Total: - With self-employment income", new NumberRule(), "Margin of error of these households"),
        new("households", "Estimate; Total:", new NumberRule(), "All households") { IsOptional = true },
        new("households_margin_of_error", "Margin of Error; Total:", new NumberRule(), "Margin of error of all households") { IsOptional = true },
    ])
    {
        Key = ["id"],
    };

    /// <summary>The data set as a whole.</summary>
    public static DatasetContract Dataset { get; } = new(
        "population", "American Community Survey 2015: people and income of Pittsburgh's neighborhoods", "population-data", 1, 1,
        Small("total-population", People),
        ImmutableDictionary.CreateRange(
        [
            KeyValuePair.Create("household-income", Small("household-income", HouseholdIncome)),
            KeyValuePair.Create("health-insurance", Small("health-insurance", HealthInsurance)),
            KeyValuePair.Create("self-employment-income", Small("self-employment-income", SelfEmployment)),
        ]))
    {
        MessageKey = "Id",
        Enriched = NeighborhoodsTable,
    };

    private static TableDescription NeighborhoodsTable => new("neighborhoods", "one neighborhood that any of the four sources has",
    [
        .. Place.Reverse().Select(TableDescription.Of),
        new("population", "Inhabitants"),
        new("population_moe", "Margin of error of the inhabitants"),
        new("household_income", "Income of all households together in a year") { Unit = "$" },
        new("household_income_moe", "Margin of error of the income") { Unit = "$" },
        new("insured", "People with health insurance"),
        new("insured_moe", "Margin of error of the insured"),
        new("self_employed", "Households with income from self-employment"),
        new("self_employed_moe", "Margin of error of these households"),
        new("households", "All households"),
        new("households_moe", "Margin of error of all households"),
        new("has_total_population", "Whether the population's file has the neighborhood") { IsRequired = true },
        new("has_household_income", "Whether the income's file has it") { IsRequired = true },
        new("has_health_insurance", "Whether the insurance's file has it") { IsRequired = true },
        new("has_self_employment_income", "Whether the self-employment's file has it") { IsRequired = true },
        new("missing_sources", "How many of the four files lack it") { IsRequired = true },
    ])
    {
        Key = ["id"],
        Lineage = "population joined with three files of the survey: household-income, health-insurance, self-employment-income",
    };

    private const string AggregateIncome = "Aggregate household income in the past 12 months (in 2015 Inflation-adjusted dollars)";

    private static ImmutableArray<ColumnContract> Place =>
    [
        new("neighborhood", "Neighborhood", new TextRule(), "Name of the neighborhood") { IsRequired = true },
        new("id", "Id", new WholeNumberRule(), "Number of the neighborhood") { IsRequired = true },
    ];

    private static SourceFile Small(string stem, TableContract contract) => new(stem, ',', contract) { KeepsLines = true, QuarantinesBadRows = true };
}

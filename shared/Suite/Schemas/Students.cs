using System.Collections.Immutable;
using Pipeline.Suite.Schemas.Contracts;

namespace Pipeline.Suite.Schemas;

/// <summary>Students with their age and field of study, as the file etudiants.csv and the topic of the same name give them.</summary>
public static class Students
{
    /// <summary>One student. There is no key: two students may have the same name, age and field.</summary>
    public static TableContract Rows { get; } = new("students", "one student", [
        new("last_name", "Nom", new TextRule(), "Family name, as it is written in the source") { IsRequired = true },
        new("first_name", "Prenom", new TextRule(), "Given name, as it is written in the source") { IsRequired = true },
        new("age", "Age", new WholeNumberRule(), "Age") { IsRequired = true, Unit = "a" },
        new("field", "Filiere", new TextRule(), "Field of study: Informatique, Gestion, Finance, Droit, IA") { IsRequired = true },
    ]);

    /// <summary>The data set as a whole.</summary>
    public static DatasetContract Dataset { get; } = new(
        "students", "Students by field of study", "etudiants", 1, 1,
        new SourceFile("etudiants", ',', Rows) { KeepsLines = true },
        ImmutableDictionary<string, SourceFile>.Empty);
}

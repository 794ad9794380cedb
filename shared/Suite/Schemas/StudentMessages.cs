using System.Collections.Immutable;
using Pipeline.Suite.Schemas.Contracts;

namespace Pipeline.Suite.Schemas;

/// <summary>Students told in free form: a message may be JSON, a Python dict, pairs or a delimited line. How it is read: jobs/Datasets/StudentMessages.</summary>
public static class StudentMessages
{
    /// <summary>One student, as a message told it.</summary>
    /// <remarks>There is no key: two students may have the same name, age and field.</remarks>
    public static TableContract Students { get; } = new("student_messages", "one student, as a message told it", [
        new("nom", "Nom", new PatternRule("[^0-9]*\\p{L}[^0-9]*", "not_a_name", "a name: letters and no digit"), "Family name, as it is written") { IsRequired = true },
        new("prenom", "Prenom", new PatternRule("[^0-9]*\\p{L}[^0-9]*", "not_a_name", "a name: letters and no digit"), "First name, as it is written") { IsRequired = true },
        new("age", "Age", new AgeRule(), "Age") { IsRequired = true, Unit = "years" },
        new("filiere", "Filiere", new TextRule(), "Field of study; a known one in its usual spelling, whatever its case and accents") { IsRequired = true },
    ]);

    /// <summary>Names under which a field comes, in small letters, without accents, spaces, underscores and hyphens; by the source name of its column.</summary>
    public static ImmutableDictionary<string, ImmutableArray<string>> Synonyms { get; } = ImmutableDictionary.CreateRange(
    [
        KeyValuePair.Create<string, ImmutableArray<string>>("Nom", ["nom", "name", "lastname", "surname", "familyname", "nomdefamille"]),
        KeyValuePair.Create<string, ImmutableArray<string>>("Prenom", ["prenom", "firstname", "givenname", "forename"]),
        KeyValuePair.Create<string, ImmutableArray<string>>("Age", ["age", "years", "ans"]),
        KeyValuePair.Create<string, ImmutableArray<string>>("Filiere", ["filiere", "field", "fieldofstudy", "major", "specialite", "formation", "departement"]),
    ]);

    /// <summary>Fields of study that are known by name, in their usual spelling: one of them tells its column in a line without a header.</summary>
    public static ImmutableArray<string> KnownFields { get; } =
        ["Informatique", "Gestion", "Finance", "Droit", "IA", "Biologie", "Physique", "Chimie", "Mathématiques", "Médecine", "Économie", "Histoire", "Lettres"];

    /// <summary>The data set as a whole.</summary>
    public static DatasetContract Dataset { get; } = new(
        "student-messages", "Students told in free-form messages", "message", 1, 1,
        new SourceFile("student_messages*", ',', Students) { RowsInFile = MessageFiles.Rows, KeepsLines = true }, ImmutableDictionary<string, SourceFile>.Empty)
    {
        MessageForm = "A message is one student as JSON, a Python dict, pairs of name and value, or a delimited line, in UTF-8 or Latin-1; names of fields in any case, with or without accents, French or English.",
    };
}

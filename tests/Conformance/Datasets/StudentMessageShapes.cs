using System.Text;

namespace Pipeline.Tests.Conformance.Datasets;

/// <summary>A message and what must be read from it: a student, or the rules that it breaks.</summary>
internal sealed record MessageShape(string Name, byte[]? Value, string Expected)
{
    public override string ToString() => Name;
}

/// <summary>Every shape that a message is known to come in, and those that cannot be read. Students as <c>nom|prenom|age|filiere</c>, broken rules as <c>!column:rule,…</c>.</summary>
internal static class StudentMessageShapes
{
    public static IReadOnlyList<MessageShape> All { get; } =
    [
        // JSON, whatever its names, case, order and types.
        Read("json", """{"Nom":"Dupont","Prenom":"Marie","Age":22,"Filiere":"Informatique"}""", "Dupont|Marie|22|Informatique"),
        Read("json, small keys", """{"nom":"Dupont","prenom":"Marie","age":22,"filiere":"Droit"}""", "Dupont|Marie|22|Droit"),
        Read("json, capital keys", """{"NOM":"Dupont","PRENOM":"Marie","AGE":22,"FILIERE":"Droit"}""", "Dupont|Marie|22|Droit"),
        Read("json, accents in keys", """{"nom":"Dupont","prénom":"Marie","âge":22,"filière":"Droit"}""", "Dupont|Marie|22|Droit"),
        Read("json, capital accents in keys", """{"NOM":"Dupont","PRÉNOM":"Marie","ÂGE":22,"FILIÈRE":"Droit"}""", "Dupont|Marie|22|Droit"),
        Read("json, combining accent in a key", "{\"nom\":\"Dupont\",\"pre\u0301nom\":\"Marie\",\"age\":22,\"filiere\":\"Droit\"}", "Dupont|Marie|22|Droit"),
        Read("json, english keys", """{"last_name":"Dupont","first_name":"Marie","age":22,"field":"Droit"}""", "Dupont|Marie|22|Droit"),
        Read("json, camel case keys", """{"lastName":"Dupont","firstName":"Marie","age":22,"fieldOfStudy":"Droit"}""", "Dupont|Marie|22|Droit"),
        Read("json, spaced keys", """{"Last Name":"Dupont","First Name":"Marie","Age":22,"Major":"Droit"}""", "Dupont|Marie|22|Droit"),
        Read("json, age as text", """{"Nom":"Dupont","Prenom":"Marie","Age":"22","Filiere":"Droit"}""", "Dupont|Marie|22|Droit"),
        Read("json, age with its word", """{"Nom":"Dupont","Prenom":"Marie","Age":"22 ans","Filiere":"Droit"}""", "Dupont|Marie|22|Droit"),
        Read("json, age as a decimal", """{"Nom":"Dupont","Prenom":"Marie","Age":22.0,"Filiere":"Droit"}""", "Dupont|Marie|22|Droit"),
        Read("json, other order", """{"Filiere":"Droit","Age":22,"Prenom":"Marie","Nom":"Dupont"}""", "Dupont|Marie|22|Droit"),
        Read("json, further fields", """{"id":17,"Nom":"Dupont","Prenom":"Marie","Age":22,"Filiere":"Droit","ok":true,"note":null}""", "Dupont|Marie|22|Droit"),
        Read("json, blanks and line breaks", "  {\n  \"Nom\" : \"Dupont\" ,\r\n\t\"Prenom\":\"Marie\",\n  \"Age\": 22,\n  \"Filiere\": \"Droit\"\n}\n", "Dupont|Marie|22|Droit"),
        Read("json, blanks around values", """{"Nom":" Dupont ","Prenom":"Marie  ","Age":" 22 ","Filiere":" Droit"}""", "Dupont|Marie|22|Droit"),
        Read("json, accents", """{"Nom":"Lefèvre","Prenom":"Zoë","Age":22,"Filiere":"Mathématiques"}""", "Lefèvre|Zoë|22|Mathématiques"),
        Read("json, escaped accents", """{"Nom":"Lef\u00e8vre","Prenom":"Zo\u00EB","Age":22,"Filiere":"Droit"}""", "Lefèvre|Zoë|22|Droit"),
        Read("json, quotes and backslashes in values", """{"Nom":"O\"Neil","Prenom":"Jean\\Paul","Age":22,"Filiere":"Droit"}""", "O\"Neil|Jean\\Paul|22|Droit"),
        Read("json, what looks like members inside a value", """{"Nom":"a\":1,\"Age\":99","Prenom":"Marie","Age":22,"Filiere":"Droit"}""", "!Nom:not_a_name"),
        Read("json, a comma and colon in a value", """{"Nom":"Dupont, dit: Le Grand","Prenom":"Marie","Age":22,"Filiere":"Droit"}""", "Dupont, dit: Le Grand|Marie|22|Droit"),
        Read("json, trailing comma", """{"Nom":"Dupont","Prenom":"Marie","Age":22,"Filiere":"Droit",}""", "Dupont|Marie|22|Droit"),
        Read("json, byte order mark", "\uFEFF{\"Nom\":\"Dupont\",\"Prenom\":\"Marie\",\"Age\":22,\"Filiere\":\"Droit\"}", "Dupont|Marie|22|Droit"),
        Read("json, list of one", """[{"Nom":"Dupont","Prenom":"Marie","Age":22,"Filiere":"Droit"}]""", "Dupont|Marie|22|Droit"),
        Read("json, known field in other spelling", """{"Nom":"Dupont","Prenom":"Marie","Age":22,"Filiere":"MATHEMATIQUES"}""", "Dupont|Marie|22|Mathématiques"),
        Read("json, unknown field", """{"Nom":"Dupont","Prenom":"Marie","Age":22,"Filiere":"Génie civil"}""", "Dupont|Marie|22|Génie civil"),
        Latin1("json in latin-1", """{"Nom":"Lefèvre","Prénom":"Zoë","Age":22,"Filière":"Économie"}""", "Lefèvre|Zoë|22|Économie"),

        // Python.
        Read("dict", "{'nom': 'Dupont', 'prenom': 'Marie', 'age': 22, 'filiere': 'Droit'}", "Dupont|Marie|22|Droit"),
        Read("dict, apostrophe in double quotes", "{'nom': \"O'Brien\", 'prenom': 'Marie', 'age': 22, 'filiere': 'Droit'}", "O'Brien|Marie|22|Droit"),
        Read("dict, escaped apostrophe", "{'nom': 'O\\'Brien', 'prenom': 'Marie', 'age': '22', 'filiere': 'Droit'}", "O'Brien|Marie|22|Droit"),
        Read("dict, double quotes in single quotes", "{'nom': 'Du\"pont', 'prenom': 'Marie', 'age': 22, 'filiere': 'Droit'}", "Du\"pont|Marie|22|Droit"),
        Read("dict, escapes in hexadecimal", "{'nom': 'Lef\\xe8vre', 'prenom': 'Zo\\xeb', 'age': 22, 'filiere': '\\xc9conomie'}", "Lefèvre|Zoë|22|Économie"),
        Read("dict, neighboring escapes", "{'nom': '\\xc9\\xe8', 'prenom': 'A\\\\xe9', 'age': 22, 'filiere': 'Droit'}", "!Prenom:not_a_name"),
        Read("dict, unicode prefixes", "{u'nom': u'Dupont', u'prenom': u'Marie', u'age': 22, u'filiere': u'Droit'}", "Dupont|Marie|22|Droit"),
        Read("dict, None and True", "{'nom': 'Dupont', 'prenom': 'Marie', 'age': 22, 'filiere': 'Droit', 'tel': None, 'inscrit': True}", "Dupont|Marie|22|Droit"),
        Latin1("dict in latin-1", "{'nom': 'Müller', 'prénom': 'Chloé', 'age': 22, 'filière': 'Droit'}", "Müller|Chloé|22|Droit"),

        // Pairs.
        Read("pairs with = and ,", "nom=Dupont,prenom=Marie,age=22,filiere=Droit", "Dupont|Marie|22|Droit"),
        Read("pairs with = and ;", "nom=Dupont;prenom=Marie;age=22;filiere=Droit", "Dupont|Marie|22|Droit"),
        Read("pairs with = and |", "nom=Dupont|prenom=Marie|age=22|filiere=Droit", "Dupont|Marie|22|Droit"),
        Read("pairs with : and ,", "Nom: Dupont, Prénom: Marie, Âge: 22, Filière: Droit", "Dupont|Marie|22|Droit"),
        Read("pairs with : and ;", "Nom: Dupont; Prenom: Marie; Age: 22 ans; Filiere: Droit", "Dupont|Marie|22|Droit"),
        Read("pairs with : and |", "Nom: Dupont | Prenom: Marie | Age: 22 | Filiere: Droit", "Dupont|Marie|22|Droit"),
        Read("pairs on lines", "nom: Dupont\nprenom: Marie\nage: 22\nfiliere: Droit\n", "Dupont|Marie|22|Droit"),
        Read("pairs on Windows' lines", "nom = Dupont\r\nprenom = Marie\r\nage = 22\r\nfiliere = Droit", "Dupont|Marie|22|Droit"),
        Read("pairs, mixed", "nom=Dupont; prenom: Marie | age = 22\nfiliere: Droit", "Dupont|Marie|22|Droit"),
        Read("pairs in quotes", "nom=\"Dupont, Le Grand\", prenom='Marie; Anne', age=\"22\", filiere=Droit", "Dupont, Le Grand|Marie; Anne|22|Droit"),
        Read("pairs, apostrophes in values", "nom=O'Brien, prenom=D'Arcy, age=22, filiere=Droit", "O'Brien|D'Arcy|22|Droit"),
        Read("pairs, quoted keys without braces", "\"nom\": \"Dupont\", \"prenom\": \"Marie\", \"age\": 22, \"filiere\": \"Droit\"", "Dupont|Marie|22|Droit"),
        Read("pairs, english", "First Name: Marie; Last Name: Dupont; Age: 22; Field of study: Droit", "Dupont|Marie|22|Droit"),
        Read("pairs, separators at the end", "nom=Dupont;prenom=Marie;age=22;filiere=Droit;;\n", "Dupont|Marie|22|Droit"),
        Read("pairs, further ones", "id=4;nom=Dupont;prenom=Marie;age=22;filiere=Droit;ville=Paris", "Dupont|Marie|22|Droit"),
        Latin1("pairs in latin-1", "Nom: Lefèvre; Prénom: Zoë; Âge: 22; Filière: Droit", "Lefèvre|Zoë|22|Droit"),

        // Lines.
        Read("line with ,", "Dupont,Marie,22,Droit", "Dupont|Marie|22|Droit"),
        Read("line with ;", "Dupont;Marie;22;Droit", "Dupont|Marie|22|Droit"),
        Read("line with |", "Dupont | Marie | 22 | Droit", "Dupont|Marie|22|Droit"),
        Read("line with tabs", "Dupont\tMarie\t22\tDroit", "Dupont|Marie|22|Droit"),
        Read("line, quoted cells", "\"Dupont, dit \"\"Le Grand\"\"\",\"Marie\",\"22\",\"Droit\"", "Dupont, dit \"Le Grand\"|Marie|22|Droit"),
        Read("line, unknown field in the usual place", "Dupont,Marie,22,Astronomie", "Dupont|Marie|22|Astronomie"),
        Read("line, age first", "22;Dupont;Marie;Droit", "Dupont|Marie|22|Droit"),
        Read("line, field first", "informatique,Dupont,Marie,22", "Dupont|Marie|22|Informatique"),
        Read("line, age last", "Dupont|Marie|Droit|22 ans", "Dupont|Marie|22|Droit"),
        Latin1("line in latin-1", "Lefèvre;Zoë;22;Économie", "Lefèvre|Zoë|22|Économie"),
        Read("header and line", "Nom,Prenom,Age,Filiere\nDupont,Marie,22,Droit", "Dupont|Marie|22|Droit"),
        Read("header in another order and line", "age;filière;prénom;nom\r\n22;Droit;Marie;Dupont\r\n", "Dupont|Marie|22|Droit"),

        // What cannot be read, and why.
        new("no value", null, "!:null_value"),
        Read("empty", "", "!:empty_message"),
        Read("blanks", " \r\n\t ", "!:empty_message"),
        new("bytes that are no text", [0x00, 0xFF, 0x10, 0x80], "!:not_text"),
        Read("controls in text", "nom=Du\u0007pont;prenom=Marie;age=22;filiere=Droit", "!:not_text"),
        Read("too long", "nom=" + new string('x', 5_000), "!:too_long"),
        Read("a sentence", "Bonjour tout le monde", "!:unknown_shape"),
        Read("json cut short", """{"Nom":"Dupont","Prenom":"Mar""", "!:not_a_flat_object"),
        Read("json with values inside values", """{"etudiant":{"Nom":"Dupont","Prenom":"Marie","Age":22,"Filiere":"Droit"}}""", "!:not_a_flat_object"),
        Read("json and more", """{"Nom":"Dupont","Prenom":"Marie","Age":22,"Filiere":"Droit"} et plus""", "!:not_a_flat_object"),
        Read("json without quotes at keys", "{Nom:\"Dupont\"}", "!:not_a_flat_object"),
        Read("json, empty object", "{}", "!:not_a_flat_object"),
        Read("json, two students", """[{"Nom":"A","Prenom":"B","Age":22,"Filiere":"IA"},{"Nom":"C","Prenom":"D","Age":23,"Filiere":"IA"}]""", "!:several_students"),
        Read("lines, two students", "Dupont,Marie,22,Droit\nDurand,Paul,23,Droit", "!:several_students"),
        Read("header and two students", "Nom,Prenom,Age,Filiere\nDupont,Marie,22,Droit\nDurand,Paul,23,Droit", "!:several_students"),
        Read("header only", "Nom,Prenom,Age,Filiere", "!:header_only"),
        Read("header and a short line", "Nom,Prenom,Age,Filiere\nDupont,Marie,22", "!:wrong_field_count"),
        Read("line, three cells", "Dupont,Marie,22", "!:wrong_field_count"),
        Read("line, five cells", "Dupont,Marie,22,Droit,Paris", "!:wrong_field_count"),
        Read("line, unknown order", "Marie,22,Dupont,Astronomie", "!:unknown_order"),
        Read("line, age in words", "Dupont,Marie,vingt,Droit", "!Age:not_an_age"),
        Read("json, a name told twice", """{"Nom":"Dupont","name":"Durand","Prenom":"Marie","Age":22,"Filiere":"Droit"}""", "!:ambiguous_field"),
        Read("json, no age", """{"Nom":"Dupont","Prenom":"Marie","Filiere":"Droit"}""", "!Age:missing_field"),
        Read("json, null age", """{"Nom":"Dupont","Prenom":"Marie","Age":null,"Filiere":"Droit"}""", "!Age:required"),
        Read("json, age in words", """{"Nom":"Dupont","Prenom":"Marie","Age":"vingt","Filiere":"Droit"}""", "!Age:not_an_age"),
        Read("json, negative age", """{"Nom":"Dupont","Prenom":"Marie","Age":-5,"Filiere":"Droit"}""", "!Age:not_an_age"),
        Read("json, age of 200", """{"Nom":"Dupont","Prenom":"Marie","Age":200,"Filiere":"Droit"}""", "!Age:not_an_age"),
        Read("json, half a year", """{"Nom":"Dupont","Prenom":"Marie","Age":22.5,"Filiere":"Droit"}""", "!Age:not_an_age"),
        Read("json, digits for a name", """{"Nom":"12345","Prenom":"Marie","Age":22,"Filiere":"Droit"}""", "!Nom:not_a_name"),
        Read("json, nothing that is known", """{"a":1,"b":2}""", "!Nom:missing_field,Prenom:missing_field,Age:missing_field,Filiere:missing_field"),
        Read("pairs, an empty value", "nom=;prenom=Marie;age=22;filiere=Droit", "!Nom:required"),
        Read("pairs separated by blanks only", "nom=Dupont prenom=Marie age=22 filiere=Droit", "!Nom:not_a_name,Prenom:missing_field,Age:missing_field,Filiere:missing_field"),
        Read("pairs, one without its key", "nom=Dupont;Marie;age=22;filiere=Droit", "!:malformed_pairs"),
    ];

    private static MessageShape Read(string name, string text, string expected) => new(name, Encoding.UTF8.GetBytes(text), expected);

    private static MessageShape Latin1(string name, string text, string expected) => new(name, Encoding.Latin1.GetBytes(text), expected);
}

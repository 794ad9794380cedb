using System.Globalization;
using Pipeline.Engine.Sql;

namespace Pipeline.Engine.UserFunctions.Columns;

/// <summary>Makes the .NET value that a function takes of a value as rows have it: <c>int[]</c> of <c>object?[]</c>, <c>Dictionary&lt;string, long&gt;</c> of a dictionary of objects. Thread-safe.</summary>
public abstract class ParameterForm
{
    /// <summary>The form of a parameter's type, which <see cref="Sql.Engines.FunctionParameter"/> has allowed.</summary>
    public static ParameterForm Of(Type type)
    {
        ArgumentNullException.ThrowIfNull(type);
        if (type == typeof(GenericRow)) return new GenericRowForm();
        if (type.IsSZArray && type != typeof(byte[])) return Make(typeof(ArrayForm<>), type.GetElementType()!);
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(List<>)) return Make(typeof(ListForm<>), type.GetGenericArguments());
        return type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Dictionary<,>) ? Make(typeof(MapForm<,>), type.GetGenericArguments()) : Make(typeof(PlainForm<>), type);
    }

    /// <summary>The value.</summary>
    /// <exception cref="InvalidCastException">A NULL stands where the .NET type holds none.</exception>
    /// <exception cref="OverflowException">A number has more digits than .NET's decimal.</exception>
    public abstract object From(object value);

    private static ParameterForm Make(Type form, params Type[] types) => (ParameterForm)Activator.CreateInstance(form.MakeGenericType(types), nonPublic: true)!;

    private static T Element<T>(ParameterForm form, object? value)
    {
        if (value is not null) return (T)form.From(value);
        if (default(T) is not null)
            throw new InvalidCastException($"an element is NULL, which {typeof(T).Name} cannot hold. Declare the parameter with nullable elements ({typeof(T).Name}?).");
        return default!;
    }

    private sealed class PlainForm<T> : ParameterForm
    {
        public override object From(object value) => value is T
            ? value
            : value is string text && (Nullable.GetUnderlyingType(typeof(T)) ?? typeof(T)) == typeof(decimal)
                ? throw new OverflowException($"The number {text} has more digits than .NET's decimal holds. Round it, or give the function a text.")
                : throw new InvalidCastException(string.Create(CultureInfo.InvariantCulture, $"a value is of the type {value.GetType().Name}, and the parameter takes {typeof(T).Name}."));
    }

    private sealed class GenericRowForm : ParameterForm
    {
        public override object From(object value) => new GenericRow(((Row)value).Values);
    }

    private sealed class ArrayForm<T> : ParameterForm
    {
        private readonly ParameterForm element = Of(typeof(T));

        public override object From(object value) => Array.ConvertAll((object?[])value, item => Element<T>(element, item));
    }

    private sealed class ListForm<T> : ParameterForm
    {
        private readonly ParameterForm element = Of(typeof(T));

        public override object From(object value)
        {
            var items = (object?[])value;
            var list = new List<T>(items.Length);
            foreach (var item in items) list.Add(Element<T>(element, item));
            return list;
        }
    }

    private sealed class MapForm<TKey, TValue> : ParameterForm where TKey : notnull
    {
        private readonly ParameterForm keyForm = Of(typeof(TKey));
        private readonly ParameterForm valueForm = Of(typeof(TValue));

        public override object From(object value)
        {
            var entries = (Dictionary<object, object?>)value;
            var map = new Dictionary<TKey, TValue>(entries.Count);
            foreach (var (key, item) in entries) map[Element<TKey>(keyForm, key)] = Element<TValue>(valueForm, item);
            return map;
        }
    }
}

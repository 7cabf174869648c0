using System.Reflection;
using System.Runtime.CompilerServices;

namespace Mailbox.ClientTests;

/// <summary>The public members of an assembly as text, in an order that does not change by itself.</summary>
internal static class PublicApi
{
    private const BindingFlags All =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly NullabilityInfoContext Nullability = new();

    public static string Of(Assembly assembly) => string.Join(
        "\n", assembly.GetExportedTypes().OrderBy(type => type.FullName, StringComparer.Ordinal).SelectMany(LinesOf)) + "\n";

    private static IEnumerable<string> LinesOf(Type type)
    {
        var kind = type.IsEnum ? "enum" : type.IsInterface ? "interface" : type.IsValueType ? "struct" : "class";
        var modifier = type is { IsAbstract: true, IsSealed: true } ? "static " : type.IsAbstract ? "abstract " : type.IsSealed && kind == "class" ? "sealed " : "";
        var bases = new[] { type.BaseType }.OfType<Type>().Where(one => one != typeof(object) && one != typeof(ValueType) && one != typeof(Enum))
            .Concat(type.IsEnum ? [] : type.GetInterfaces()).Select(NameOf).Order(StringComparer.Ordinal).ToList();
        yield return $"{modifier}{kind} {type.Namespace}.{NameOf(type)}{(bases.Count > 0 ? $" : {string.Join(", ", bases)}" : "")}";
        foreach (var line in type.GetMembers(All).Select(LineOf).OfType<string>().Order(StringComparer.Ordinal))
        {
            yield return $"    {line}";
        }
    }

    private static string? LineOf(MemberInfo member) => member switch
    {
        FieldInfo { IsSpecialName: true } => null,
        FieldInfo field when field.IsPublic || field.IsFamily => field.IsLiteral
            ? $"const {NameOf(field.FieldType)} {field.Name} = {field.GetRawConstantValue()}"
            : $"{StaticOf(field.IsStatic)}field {NameOf(field.FieldType)} {field.Name}",
        ConstructorInfo constructor when IsVisible(constructor) && !constructor.IsStatic => $"new({ParametersOf(constructor)})",
        PropertyInfo property when IsVisible(property.GetMethod ?? property.SetMethod!) =>
            $"{StaticOf((property.GetMethod ?? property.SetMethod!).IsStatic)}{NameOf(property.PropertyType)}{MarkOf(Nullability.Create(property))} {property.Name} {{ " +
            (property.GetMethod is { } get && IsVisible(get) ? "get; " : "") +
            (property.SetMethod is { } set && IsVisible(set)
                ? set.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) ? "init; " : "set; "
                : "") + "}",
        EventInfo happening when IsVisible(happening.AddMethod!) => $"event {NameOf(happening.EventHandlerType!)} {happening.Name}",
        MethodInfo { IsSpecialName: false } method when IsVisible(method) =>
            $"{StaticOf(method.IsStatic)}{NameOf(method.ReturnType)}{MarkOf(Nullability.Create(method.ReturnParameter))} {method.Name}" +
            (method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(NameOf))}>" : "") + $"({ParametersOf(method)})",
        _ => null, // nested types stand for themselves
    };

    private static bool IsVisible(MethodBase method) =>
        (method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly) && !method.Name.StartsWith('<');

    private static string StaticOf(bool isStatic) => isStatic ? "static " : "";

    private static string ParametersOf(MethodBase method) => string.Join(", ", method.GetParameters().Select(parameter =>
        $"{NameOf(parameter.ParameterType)}{MarkOf(Nullability.Create(parameter))} {parameter.Name}{(parameter.HasDefaultValue ? $" = {parameter.DefaultValue ?? "default"}" : "")}"));

    private static string MarkOf(NullabilityInfo info) =>
        info.ReadState == NullabilityState.Nullable && !info.Type.IsValueType ? "?" : "";

    private static string NameOf(Type type)
    {
        if (type.IsArray)
        {
            return $"{NameOf(type.GetElementType()!)}[]";
        }

        if (Nullable.GetUnderlyingType(type) is { } underlying)
        {
            return $"{NameOf(underlying)}?";
        }

        var name = type.IsNested && !type.IsGenericParameter ? $"{NameOf(type.DeclaringType!)}.{type.Name}" : type.Name;
        return type.IsGenericType
            ? $"{name[..name.IndexOf('`', StringComparison.Ordinal)]}<{string.Join(", ", type.GetGenericArguments().Select(NameOf))}>"
            : name;
    }
}

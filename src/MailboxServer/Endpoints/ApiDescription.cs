using System.Net.Mime;
using Mailbox.Contracts;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Mailbox.Endpoints;

/// <summary>
/// What the OpenAPI document says of one call. The endpoints read requests by themselves, so nothing of this can be
/// inferred; a test holds it against what they answer.
/// </summary>
internal sealed class ApiDescription(string summary, bool isForAll = false)
{
    private const string ProblemJson = "application/problem+json";

    private static readonly (int Status, string Description, string? MediaType, Type? Body) Unauthorized =
        (401, "No valid token, key or ticket.", ProblemJson, null);

    private readonly List<(string Name, ParameterLocation In, string Description)> _parameters = [];
    private readonly List<(string MediaType, Type? Body)> _requests = [];
    private readonly List<(int Status, string Description, string? MediaType, Type? Body)> _answers = [];

    /// <summary>Nobody has to say who they are.</summary>
    public bool IsForAll => isForAll;

    public ApiDescription Query(string name, string description) => Parameter(name, ParameterLocation.Query, description);

    public ApiDescription Header(string name, string description) => Parameter(name, ParameterLocation.Header, description);

    public ApiDescription Takes<T>(string mediaType = MediaTypeNames.Application.Json)
    {
        _requests.Add((mediaType, typeof(T)));
        return this;
    }

    public ApiDescription TakesAnything(string mediaType = "*/*")
    {
        _requests.Add((mediaType, null));
        return this;
    }

    public ApiDescription Answers(int status, string description, string? mediaType = null)
    {
        _answers.Add((status, description, mediaType, null));
        return this;
    }

    public ApiDescription Answers<T>(int status, string description)
    {
        _answers.Add((status, description, MediaTypeNames.Application.Json, typeof(T)));
        return this;
    }

    /// <summary>Refusals, all of them problem details (RFC 9457).</summary>
    public ApiDescription Refuses(params (int Status, string Description)[] refusals)
    {
        foreach (var (status, description) in refusals)
        {
            _answers.Add((status, description, ProblemJson, null));
        }

        return this;
    }

    public async Task ApplyAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellation)
    {
        operation.Summary = summary;
        operation.Parameters ??= [];
        foreach (var parameter in PathParameters(context).Concat(_parameters))
        {
            operation.Parameters.Add(new OpenApiParameter
            {
                Name = parameter.Name,
                In = parameter.In,
                Required = parameter.In == ParameterLocation.Path,
                Description = parameter.Description,
                Schema = new OpenApiSchema { Type = JsonSchemaType.String },
            });
        }

        if (_requests.Count > 0)
        {
            var content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal);
            foreach (var (mediaType, body) in _requests)
            {
                content[mediaType] = await MediaTypeAsync(context, body, cancellation);
            }

            operation.RequestBody = new OpenApiRequestBody { Content = content };
        }

        // The document is made anew for each who asks, several at once: nothing of this may be changed by it.
        operation.Responses = [];
        foreach (var answers in (isForAll ? _answers : _answers.Append(Unauthorized)).GroupBy(answer => answer.Status))
        {
            var response = new OpenApiResponse
            {
                Description = string.Join(' ', answers.Select(answer => answer.Description)),
                Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal),
            };
            foreach (var answer in answers.Where(answer => answer.MediaType is not null))
            {
                response.Content[answer.MediaType!] = await MediaTypeAsync(context, answer.Body, cancellation);
            }

            operation.Responses[answers.Key.ToString(System.Globalization.CultureInfo.InvariantCulture)] = response;
        }
    }

    private static IEnumerable<(string Name, ParameterLocation In, string Description)> PathParameters(
        OpenApiOperationTransformerContext context)
    {
        var path = context.Description.RelativePath ?? "";
        if (path.Contains("{mailbox}", StringComparison.Ordinal))
        {
            yield return ("mailbox", ParameterLocation.Path, $"The mailbox's name: {MailboxName.Pattern}");
        }

        if (path.Contains("{group}", StringComparison.Ordinal))
        {
            yield return ("group", ParameterLocation.Path, $"The group's name: {MailboxName.Pattern}");
        }

        if (path.Contains("{delivery}", StringComparison.Ordinal))
        {
            yield return ("delivery", ParameterLocation.Path, "The id of a delivery to the group: 16 hex digits.");
        }

        if (path.Contains("{id}", StringComparison.Ordinal))
        {
            yield return ("id", ParameterLocation.Path, "A message's id: generation-sequence.");
        }
    }

    private static async Task<OpenApiMediaType> MediaTypeAsync(
        OpenApiOperationTransformerContext context, Type? body, CancellationToken cancellation) => new()
    {
        Schema = body is null ? null : await context.GetOrCreateSchemaAsync(body, null, cancellation),
    };

    private ApiDescription Parameter(string name, ParameterLocation location, string description)
    {
        _parameters.Add((name, location, description));
        return this;
    }
}

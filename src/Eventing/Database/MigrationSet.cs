using System.Reflection;
using System.Security.Cryptography;
using System.Text;

namespace Platform.Eventing.Database;

/// <summary>The numbered SQL files of one component, embedded in its assembly as <c>Folder/0001_name.sql</c>.</summary>
public sealed record MigrationSet(string Component, IReadOnlyList<Migration> Files)
{
    /// <summary>Reads the files of <paramref name="folder"/> from the assembly's resources, in the order of their numbers.</summary>
    /// <exception cref="MigrationException">A number appears twice or is missing from a name.</exception>
    public static MigrationSet FromAssembly(string component, Assembly assembly, string folder)
    {
        var files = assembly.GetManifestResourceNames()
            .Where(n => n.StartsWith(folder + "/", StringComparison.Ordinal) && n.EndsWith(".sql", StringComparison.Ordinal))
            .Select(n => Migration.Read(assembly, n, n[(folder.Length + 1)..]))
            .OrderBy(m => m.Number)
            .ToArray();
        var twice = files.GroupBy(f => f.Number).FirstOrDefault(g => g.Count() > 1);
        return twice is null
            ? new(component, files)
            : throw new MigrationException($"Two migrations of '{component}' carry the number {twice.Key}.");
    }
}

/// <summary>One SQL file. <c>{schema}</c> in it stands for the schema it is applied to.</summary>
public sealed record Migration(int Number, string Name, string Sql, string Checksum)
{
    internal static Migration Read(Assembly assembly, string resource, string fileName)
    {
        using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!, Encoding.UTF8);
        return Create(fileName, reader.ReadToEnd());
    }

    internal static Migration Create(string fileName, string content)
    {
        var sql = content.ReplaceLineEndings("\n");
        var name = Path.GetFileNameWithoutExtension(fileName);
        var separator = name.IndexOf('_', StringComparison.Ordinal);
        if (separator < 0 || !int.TryParse(name[..separator], out var number))
        {
            throw new MigrationException($"'{fileName}' is not named like 0001_what_it_does.sql.");
        }

        return new(number, name, sql, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(sql))));
    }
}

/// <summary>The migrations and the database disagree; the message says which and how.</summary>
public sealed class MigrationException(string message, Exception? inner = null) : Exception(message, inner);

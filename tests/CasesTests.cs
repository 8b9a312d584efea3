namespace SpanRnn.Tests;

public class CasesTests
{
    private static readonly string _nowhere = Path.Combine(Repository.Root, "no-such-folder");

    [Fact]
    public void A_named_folder_wins_even_if_it_does_not_exist() =>
        Assert.Equal(_nowhere, Cases.Find(_nowhere, Repository.Root));

    [Fact]
    public void The_folder_beside_the_repository_is_next() =>
        Assert.Equal(Repository.Root, Cases.Find(null, Repository.Root));

    [Fact]
    public void No_folder_is_null() => Assert.Null(Cases.Find("", _nowhere));

    [CasesFact]
    public void The_folder_exists() =>
        Assert.True(Directory.Exists(Cases.Folder), $"{Cases.Variable} names '{Cases.Folder}', which does not exist.");
}

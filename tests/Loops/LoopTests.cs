namespace SpanRnn.Tests;

/// <summary>
/// Loops that add products to sums, in the machine code of Core: no moves between vector registers, nothing on the stack, no more
/// instructions per multiply-add than the table in src/Core/README.md has.
/// </summary>
public class LoopTests
{
    private const string Markdown = """
        Text.

        | kernel | width | precision | instructions | multiply-adds | instructions per multiply-add |
        |---|---|---|---|---|---|
        | `Twice.Run<Plain>` | 512 | float | 7 | 2 | 3.50 |

        More.
        """;

    // An outer loop, which is not read, around one with two sums.
    private const string Listing = """
        ; Assembly listing for method SpanRnn.Core.Twice`2[float,SpanRnn.Core.Plain]:Run[SpanRnn.Core.Simd.Simd512`1[float]]():this (O)
        ; Emitting BLENDED_CODE for generic X64 + VEX + EVEX on Unix
        ; rbp based frame

        G_M000_IG01:                ;; offset=0x0000
               push     rbp
               vmovaps  zmm1, zmm0

        G_M000_IG02:                ;; offset=0x0010
               vbroadcastss zmm2, dword ptr [rdx+rax]
               vfmadd231ps zmm0, zmm2, zmmword ptr [rcx]
               vfmadd231ps zmm1, zmm2, zmmword ptr [rcx+0x40]
               add      rcx, 128
               align    [0 bytes for IG04]
               add      rdx, 4
               dec      edi
               jne      SHORT G_M000_IG02

        G_M000_IG03:                ;; offset=0x0030
               vmovups  zmmword ptr [rbp-0x40], zmm0
               dec      esi
               jne      SHORT G_M000_IG01
               ret

        RWD00   dd      FFFF0000h               ;      -nan

        ; Total bytes of code 64
        """;

    private const string First = "vfmadd231ps zmm0, zmm2, zmmword ptr [rcx]";

    private const string Second = "vfmadd231ps zmm1, zmm2, zmmword ptr [rcx+0x40]";

    private const StringComparison Ordinal = StringComparison.Ordinal;

    [LoopsFact("512")]
    public void Loops_of_512_bits_are_those_of_the_table() => Check("512");

    [LoopsFact("256 VNNI")]
    public void Loops_of_dot_products_of_bytes_are_those_of_the_table() => Check("256 VNNI");

    [LoopsFact("256")]
    public void Loops_of_256_bits_are_those_of_the_table() => Check("256");

    [LoopsFact("128")]
    public void Loops_of_128_bits_are_those_of_the_table() => Check("128");

    [LoopsFact("1")]
    public void Loops_of_one_number_are_those_of_the_table() => Check("1");

    [LoopsFact("256")]
    public void A_kernel_that_copies_its_sums_is_caught()
    {
        string[] moves = Array.FindAll(
            new LoopTable(Markdown).Problems("256", CompiledLoops.Seeded),
            problem => problem.Contains("copies vector registers", Ordinal));

        Assert.Equal(2, moves.Length);
        Assert.StartsWith("The loop CopyingKernel.Run, 256, float, 2 multiply-adds copies ", moves[0], Ordinal);
        Assert.StartsWith("The loop CopyingKernel.Run, 256, double, 2 multiply-adds copies ", moves[1], Ordinal);
    }

    [Fact]
    public void A_loop_is_read()
    {
        Loop loop = Assert.Single(LoopListing.Read(Listing));

        Assert.Equal("Twice.Run<Plain>, 512, float, 2 multiply-adds", loop.ToString());
        Assert.Equal(7, loop.Instructions);
        Assert.Empty(Problems(Listing));
    }

    [Theory]
    [InlineData("vfmadd213ps zmm2, zmm3, zmm1", "vmovaps  zmm1, zmm2")]
    [InlineData("vfmadd132ps zmm2, zmm1, zmm3", "vmovups  zmm1, zmm2")]
    [InlineData(Second, "vmovdqa32 zmm4, zmm5")]
    [InlineData(Second, "vmovaps  ymm4, ymm5")]
    [InlineData(Second, "movaps   xmm4, xmm5")]
    [InlineData(Second, "vmovss   xmm4, xmm5, xmm6")]
    public void A_move_is_found(string sum, string move) => Finds(
        $"copies vector registers 1 times as in '{string.Join(' ', move.Split(' ', StringSplitOptions.RemoveEmptyEntries))}'",
        Changed(Second, $"{sum}\n       {move}"));

    [Fact]
    public void A_move_beside_one_number_passes()
    {
        Loop loop = Assert.Single(LoopListing.Read(Changed(Second, "vmovaps  xmm4, xmm5").Replace(
            First, "vfmadd231ss xmm0, xmm2, dword ptr [rcx]", Ordinal)));
        var table = new LoopTable(Markdown.Replace("| 512 | float | 7 | 2 | 3.50 |", "| 1 | float | 7 | 1 | 7.00 |", Ordinal));

        Assert.Single(loop.Moves);
        Assert.Empty(table.Problems("1", [loop]));
    }

    [Theory]
    [InlineData("vmovups  zmm3, zmmword ptr [rbp-0x40]")]
    [InlineData("vmovups  zmmword ptr [rsp+0x40], zmm3")]
    [InlineData("mov      rax, qword ptr [rbp-0x08]")]
    [InlineData("vfmadd231ps zmm3, zmm2, zmmword ptr [rbp-0x40]")]
    public void A_spill_is_found(string spill) => Finds("reads or writes the stack 1 times", Changed(Second, $"{Second}\n       {spill}"));

    [Fact]
    public void A_sum_on_the_stack_is_found() => Finds(
        "2 multiply-adds reads or writes the stack 2 times",
        Changed(
            Second,
            """
            vmovups  zmm4, zmmword ptr [rbp-0x40]
                   vfmadd231ps zmm4, zmm2, zmmword ptr [rcx+0x40]
                   vmovups  zmmword ptr [rbp-0x40], zmm4
            """));

    [Fact]
    public void A_pointer_in_the_register_of_a_frame_is_no_spill() =>
        Assert.Empty(Problems(Changed("rbp based", "rsp based").Replace("[rcx+0x40]", "[rbp+0x40]", Ordinal)));

    [Fact]
    public void An_instruction_too_many_is_found() =>
        Finds("has 4.00 instructions per multiply-add, expected at most 3.50", Changed(Second, $"{Second}\n       nop"));

    [Fact]
    public void Fewer_instructions_pass() => Assert.Empty(Problems(Changed("       add      rdx, 4\n", "")));

    [Fact]
    public void A_loop_without_a_row_and_a_row_without_a_loop_are_found()
    {
        string[] problems = Problems(Changed("Run[", "Walk["));

        Assert.Contains("Twice.Walk<Plain>, 512, float, 2 multiply-adds is not in the table", problems[0], Ordinal);
        Assert.Contains("Twice.Run<Plain>, 512, float, 2 multiply-adds of the table has no loop", problems[1], Ordinal);
    }

    [Fact]
    public void A_polynomial_is_no_sum() => Assert.Empty(LoopListing.Read(
        Changed(Second, "vfmadd213ps zmm2, zmm3, zmm4").Replace("vfmadd231ps zmm0", "vfmadd231ps zmm2", Ordinal)));

    // Without multiply-adds, such loops are everywhere: they count where the same kernel is listed or has multiply-adds elsewhere.
    [Theory]
    [InlineData("vmulps   zmm3, zmm2, zmmword ptr [rcx]", "vaddps   zmm1, zmm3, zmm1", "512, float, 1 multiply-adds")]
    [InlineData("vmulpd   ymm3, ymm2, ymmword ptr [rcx]", "vaddpd   ymm1, ymm1, ymm3", "256, double, 1 multiply-adds")]
    [InlineData("mulps    xmm2, xmm3", "addps    xmm1, xmm2", "128, float, 1 multiply-adds")]
    [InlineData("vpmaddwd xmm3, xmm2, xmm4", "vpaddd   xmm1, xmm3, xmm1", "128, int8, 1 multiply-adds")]
    public void A_product_and_a_sum_are_a_multiply_add_of_a_kernel(string product, string sum, string expected)
    {
        string listing = Changed(Second, $"{product}\n       {sum}").Replace(First, "nop", Ordinal);
        Loop listed = Assert.Single(LoopListing.Read(listing));
        Loop other = Assert.Single(LoopListing.Read(listing.Replace("Run[", "Walk[", Ordinal)));
        Loop fused = Assert.Single(LoopListing.Read(Changed("Run[", "Walk[")));
        var table = new LoopTable(Markdown);

        Assert.Equal($"Twice.Run<Plain>, {expected}", listed.ToString());
        Assert.Contains(NotListed(listed), table.Problems(listed.Width, [listed]));
        Assert.DoesNotContain(NotListed(other), table.Problems(other.Width, [other]));
        Assert.Contains(NotListed(other), table.Problems(other.Width, [other, fused]));
    }

    [Theory]
    [InlineData("vpdpbusd ymm1, ymm2, ymmword ptr [rcx]", "256 VNNI, int8")]
    [InlineData("vfmadd231sd xmm1, xmm2, qword ptr [rcx]", "1, double")]
    [InlineData("vfnmadd231pd xmm1, xmm2, xmmword ptr [rcx]", "128, double")]
    public void A_width_is_that_of_the_instruction(string sum, string expected)
    {
        string listing = Changed(Second, sum).Replace(First, "nop", Ordinal);

        Assert.Equal($"Twice.Run<Plain>, {expected}, 1 multiply-adds", Assert.Single(LoopListing.Read(listing)).ToString());
    }

    [Fact]
    public void A_wrong_quotient_in_the_table_is_found() =>
        Assert.Throws<FormatException>(() => new LoopTable(Markdown.Replace("3.50", "3.49", Ordinal)));

    [Fact]
    public void What_agrees_shares_a_line_of_the_table()
    {
        string[] kinds = [Listing, Changed("SpanRnn.Core.Plain", "SpanRnn.Core.Kind+Flushed"), Changed("zmm", "ymm")];
        var rest = new LoopTable(Markdown.Replace("| 512 | float |", "| 128, 1 | float, double |", Ordinal));
        string table = rest.Print([.. kinds.SelectMany(LoopListing.Read)], ["128"]);

        Assert.Equal(
            """
            | kernel | width | precision | instructions | multiply-adds | instructions per multiply-add |
            |---|---|---|---|---|---|
            | `Twice.Run<Flushed>` | 512 | float | 7 | 2 | 3.50 |
            | `Twice.Run<Plain>` | 512, 256 | float | 7 | 2 | 3.50 |
            | `Twice.Run<Plain>` | 128 | float, double | 7 | 2 | 3.50 |
            """,
            table);
        Assert.Equal(table, new LoopTable(table).Print([], CompiledLoops.Widths));
    }

    [Fact]
    public void A_method_that_was_not_compiled_is_found()
    {
        Assert.Equal("CopyingKernel.Run", LoopListing.NameOf(typeof(CopyingKernel<>), typeof(CopyingKernel<>).GetMethod("Run")!));
        Assert.Equal(["CopyingKernel.Run"], LoopListing.Unseen(Listing, ["Twice.Run", "CopyingKernel.Run"]));
    }

    private static void Check(string width)
    {
        string[] problems = LoopTable.Current.Problems(width, CompiledLoops.Core);

        Assert.True(
            problems.Length == 0,
            string.Join('\n', [.. problems, "The table of src/Core/README.md as it should be: dotnet run -c Release --project tests"]));
    }

    private static string NotListed(Loop loop) =>
        $"The loop {loop} is not in the table, expected a row with {loop.Instructions} instructions.";

    private static string Changed(string from, string to)
    {
        Assert.Contains(from, Listing, Ordinal);
        return Listing.Replace(from, to, Ordinal);
    }

    private static string[] Problems(string listing) => new LoopTable(Markdown).Problems("512", LoopListing.Read(listing));

    private static void Finds(string problem, string listing) =>
        Assert.Contains(Problems(listing), found => found.Contains(problem, Ordinal));
}

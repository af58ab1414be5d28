// NumPy's np.matmul of one dtype with the vector instructions of WebAssembly: the same bits, in a fraction of the time.
//
// Compiled once for each dtype: REAL is its type in C, NAME the name of its loop. What is multiplied is a (n, length) by
// b (length, m); c (n, m) is the result.
//
// A number of c is a sum whose summands are added one after the other, as in NumPy's own loop: its order is what decides about
// the last bits. But ROWS x COLUMNS of these sums grow at once, in registers: a number of a meets COLUMNS numbers of b.

#include "loop.h"

typedef REAL vector __attribute__((vector_size(16), aligned(sizeof(REAL))));

enum { LANES = sizeof(vector) / sizeof(REAL), COLUMNS = 2 * LANES, ROWS = 4, LONGEST = 256 };

typedef struct {
  char *start;
  npy_intp row, column;  // bytes to the next row, and to the next column
} matrix;

#define NUMBER(matrix, i, j) (*(REAL *)((matrix).start + (i) * (matrix).row + (j) * (matrix).column))

static inline matrix from(matrix a, npy_intp i, npy_intp j) {
  return (matrix){a.start + i * a.row + j * a.column, a.row, a.column};
}

// To the sums in the first rows and columns of c, add `length` summands each; `first`: there are none yet. A row of b is
// COLUMNS numbers side by side.
static inline __attribute__((always_inline)) void add(int rows, int columns, npy_intp length, int first, matrix a, matrix b,
                                                      matrix c) {
  vector left[ROWS], right[ROWS];
  for (int i = 0; i < rows; i++)
    for (int j = 0; j < LANES; j++) {
      left[i][j] = first || j >= columns ? 0 : NUMBER(c, i, j);
      right[i][j] = first || j + LANES >= columns ? 0 : NUMBER(c, i, j + LANES);
    }
  for (npy_intp k = 0; k < length; k++) {
    const vector *row = (const vector *)(b.start + k * b.row);
    for (int i = 0; i < rows; i++) {
      REAL number = NUMBER(a, i, k);
      left[i] += number * row[0];
      right[i] += number * row[1];
    }
  }
  for (int i = 0; i < rows; i++)
    for (int j = 0; j < columns; j++) NUMBER(c, i, j) = j < LANES ? left[i][j] : right[i][j - LANES];
}

// Some rows of b, as far as they have numbers, each with COLUMNS numbers side by side; the rest is 0.
static matrix packed(npy_intp rows, int columns, matrix b) {
  static REAL numbers[LONGEST][COLUMNS];
  for (npy_intp k = 0; k < rows; k++)
    for (int j = 0; j < COLUMNS; j++) numbers[k][j] = j < columns ? NUMBER(b, k, j) : 0;
  return (matrix){(char *)numbers, sizeof numbers[0], sizeof(REAL)};
}

static void product(npy_intp n, npy_intp length, npy_intp m, matrix a, matrix b, matrix c) {
  for (npy_intp j = 0; j < m; j += COLUMNS) {
    int columns = m - j < COLUMNS ? m - j : COLUMNS, as_it_is = columns == COLUMNS && b.column == sizeof(REAL);
    npy_intp k = 0;
    do {  // once for length 0, too: the sums are 0 then
      npy_intp piece = as_it_is || length - k < LONGEST ? length - k : LONGEST, i = 0;
      matrix rows = as_it_is ? from(b, k, j) : packed(piece, columns, from(b, k, j));
      for (; i + ROWS <= n; i += ROWS) add(ROWS, columns, piece, k == 0, from(a, i, k), rows, from(c, i, j));
      for (; i < n; i++) add(1, columns, piece, k == 0, from(a, i, k), rows, from(c, i, j));
      k += piece;
    } while (k < length);
  }
}

// The loop as NumPy calls it, over a stack of matrices: sizes are those of the stack, n, length and m; steps those from matrix
// to matrix of a, b and c, then the row and the column of each.
LOOP void NAME(char **arrays, const npy_intp *sizes, const npy_intp *steps, void *unused) {
  matrix a = {arrays[0], steps[3], steps[4]}, b = {arrays[1], steps[5], steps[6]}, c = {arrays[2], steps[7], steps[8]};
  for (npy_intp i = 0; i < sizes[0]; i++) {
    product(sizes[1], sizes[2], sizes[3], a, b, c);
    a.start += steps[0], b.start += steps[1], c.start += steps[2];
  }
}

// NumPy's np.tanh of float32 with the vector instructions of WebAssembly, four numbers at once. It is wrong by less than two
// units in the last place; C's own tanhf, by a little more than two.
//
// Near 0, tanh(x) = x + x^3 P(x^2). Elsewhere it is 1 - 2 / (exp(2x) + 1), with exp(y) = 2^n exp(r), where n is a whole number
// and r at most ln(2)/2, and exp(r) = 1 + r + r^2 Q(r). P and Q are those of the Cephes library (Moshier, 1984 to 1992).

#include "loop.h"

typedef float vector __attribute__((vector_size(16), aligned(sizeof(float))));
typedef int whole __attribute__((vector_size(16)));

static const float P[] = {-5.70498872745e-3f, 2.06390887954e-2f, -5.37397155531e-2f, 1.33314422036e-1f, -3.33332819422e-1f};
static const float Q[] = {1.9875691500e-4f, 1.3981999507e-3f, 8.3334519073e-3f,
                          4.1665795894e-2f, 1.6666665459e-1f, 5.0000001201e-1f};

#define POLYNOMIAL(coefficients, x) polynomial(sizeof(coefficients) / sizeof(float), coefficients, x)

static inline vector polynomial(int count, const float *coefficients, vector x) {
  vector value = {0, 0, 0, 0};
  for (int i = 0; i < count; i++) value = value * x + coefficients[i];
  return value;
}

static inline vector where(whole condition, vector yes, vector no) {
  return (vector)((condition & (whole)yes) | (~condition & (whole)no));
}

static inline vector exponential(vector y) {  // for 0 <= y <= 20
  whole n = __builtin_convertvector(y * 1.44269504f + 0.5f, whole);
  vector power = __builtin_convertvector(n, vector);
  vector r = y - power * 0.693359375f + power * 2.12194440e-4f;  // y - n ln(2), in two steps: the first one is exact
  return (POLYNOMIAL(Q, r) * r * r + r + 1) * (vector)((n + 127) << 23);
}

static inline vector tangent(vector x) {
  const vector far = {10, 10, 10, 10};  // from here on, the result is 1
  whole sign = (whole)x & (int)0x80000000;
  vector size = (vector)((whole)x ^ sign), square = size * size;
  vector near_0 = POLYNOMIAL(P, square) * square * size + size;
  vector elsewhere = 1 - 2 / (exponential(2 * where(size < far, size, far)) + 1);
  vector result = where(size < 0.625f, near_0, elsewhere);
  return where(x == x, (vector)((whole)result | sign), x);  // what is no number stays
}

LOOP void tanh_float32(char **arrays, const npy_intp *sizes, const npy_intp *steps, void *unused) {
  char *from = arrays[0], *to = arrays[1];
  int side_by_side = steps[0] == sizeof(float) && steps[1] == sizeof(float);
  for (npy_intp left = sizes[0]; left > 0; left -= 4, from += 4 * steps[0], to += 4 * steps[1]) {
    if (side_by_side && left >= 4) {
      *(vector *)to = tangent(*(vector *)from);
      continue;
    }
    int count = left < 4 ? left : 4;
    vector x = {0, 0, 0, 0};
    for (int i = 0; i < count; i++) x[i] = *(float *)(from + i * steps[0]);
    x = tangent(x);
    for (int i = 0; i < count; i++) *(float *)(to + i * steps[1]) = x[i];
  }
}

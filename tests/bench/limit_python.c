/*
 * The kernels written by hand, called from Python with arrays that are not checked: what a call
 * costs at least. Part of the benchmark (tests/bench), not of derive.
 */
#define PY_SSIZE_T_CLEAN
#define NPY_NO_DEPRECATED_API NPY_1_7_API_VERSION
#include <Python.h>
#include <numpy/arrayobject.h>

#define ARRAY(n) ((PyArrayObject *)arguments[n])
#define SIZE(n) ((size_t)PyArray_SIZE(ARRAY(n)))
#define DIM(n, axis) ((size_t)PyArray_DIM(ARRAY(n), axis))
#define F(n) ((float *)PyArray_DATA(ARRAY(n)))
#define D(n) ((double *)PyArray_DATA(ARRAY(n)))
#define FIVE(T, n) T(n), T(n + 1), T(n + 2), T(n + 3), T(n + 4)
#define SINGLE (PyArray_TYPE(ARRAY(0)) == NPY_FLOAT)

#define DECLARED(NAME, REAL)                                                                     \
    void limit_##NAME(size_t, size_t, const REAL *, const REAL *, const REAL *, const REAL *,    \
                      const REAL *, REAL *, REAL *, REAL *, REAL *, REAL *);                     \
    void limit_one_##NAME(size_t, size_t, size_t, const REAL *, const REAL *, const REAL *,      \
                          const REAL *, const REAL *, const REAL *, REAL *, REAL *, REAL *,      \
                          REAL *, REAL *, REAL *, REAL *);                                       \
    void limit_products_##NAME(size_t, size_t, size_t, size_t, const REAL *, const REAL *,       \
                               const REAL *, REAL *, REAL *, REAL *, REAL *, REAL *, REAL *);
DECLARED(f32, float)
DECLARED(f64, double)

#define METHOD(NAME)                                                                             \
    static PyObject *NAME(PyObject *self, PyObject *const *arguments, Py_ssize_t count)

#if defined(__AVX512DQ__) || (defined(__AVX2__) && defined(__FMA__))
METHOD(quantizer)
{
    if (SINGLE)
        limit_f32(SIZE(1), SIZE(2), FIVE(F, 0), FIVE(F, 5));
    else
        limit_f64(SIZE(1), SIZE(2), FIVE(D, 0), FIVE(D, 5));
    Py_RETURN_NONE;
}
#endif

METHOD(one)
{
    if (SINGLE)
        limit_one_f32(SIZE(0), SIZE(2), SIZE(4), FIVE(F, 0), F(5), FIVE(F, 6), F(11), F(12));
    else
        limit_one_f64(SIZE(0), SIZE(2), SIZE(4), FIVE(D, 0), D(5), FIVE(D, 6), D(11), D(12));
    Py_RETURN_NONE;
}

#ifdef DERIVE_CBLAS
METHOD(products)
{
    const size_t B = DIM(0, 0), N = DIM(0, 1), H = DIM(1, 0), K = DIM(2, 0);
    if (SINGLE)
        limit_products_f32(B, N, H, K, FIVE(F, 0), F(5), F(6), F(7), F(8));
    else
        limit_products_f64(B, N, H, K, FIVE(D, 0), D(5), D(6), D(7), D(8));
    Py_RETURN_NONE;
}
#endif

static PyMethodDef methods[] = {
#if defined(__AVX512DQ__) || (defined(__AVX2__) && defined(__FMA__))
    {"quantizer", (PyCFunction)(void (*)(void))quantizer, METH_FASTCALL, NULL},
#endif
#ifdef DERIVE_CBLAS
    {"products", (PyCFunction)(void (*)(void))products, METH_FASTCALL, NULL},
#endif
    {"one", (PyCFunction)(void (*)(void))one, METH_FASTCALL, NULL},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "limits", NULL, -1, methods};

PyMODINIT_FUNC PyInit_limits(void)
{
    import_array();
    return PyModule_Create(&module);
}
